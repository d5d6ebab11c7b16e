import { setImmediate } from 'node:timers/promises'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Random } from '@bulkhead/service/random'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import type { CataloguePosition, PersonalizationStore } from '../datastore/port.ts'
import type { Item } from '../domain/item.ts'
import type { LiveServingIndex } from '../state/serving-index.ts'

const PAGE_SIZE = 250
/** Items that are put into the index before requests have a turn: about a millisecond's work beside a million others. */
const ITEMS_AT_ONCE = 20
const POPULAR_ITEMS = 1000
const JITTER = 0.1

/**
 * Keeps the serving index up to date: reads the whole catalogue once, page by page, then in every run what has changed
 * since, and what is popular and trending. While the datastore is unreachable the index stays as it is, and what was read
 * of a change is not read again.
 *
 * Where the index is full, the items that came first stay: those with the first ids, then those that were added first. The others
 * can be queried, but are not recommended; a gauge and a log line say how many there are.
 */
export function createServingIndexRefresher(options: {
  readonly store: Pick<
    PersonalizationStore,
    'catalogueVersion' | 'catalogueChanges' | 'findItems' | 'countItems' | 'popularItems' | 'trendingItems'
  >
  readonly index: LiveServingIndex
  readonly intervalMs: number
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
  readonly metrics: Metrics
}): Worker {
  const { store, index, log } = options
  /** What the index holds; null before the whole catalogue was read. */
  let position: CataloguePosition | null = null
  const overflow = options.metrics.gauge({
    name: 'bulkhead_serving_index_overflow_items',
    help: `Items of the catalogue that are not recommended because the serving index is full`,
  })
  options.metrics.gauge({
    name: 'bulkhead_serving_index_items',
    help: 'Items in the serving index',
    collect() {
      this.set(index.size())
    },
  })

  /** Returns how many there was no room for. */
  async function putItems(items: readonly Item[]): Promise<number> {
    let refused = 0
    for (let at = 0; at < items.length; at += ITEMS_AT_ONCE) {
      refused += index.putItems(items.slice(at, at + ITEMS_AT_ONCE))
      await setImmediate()
    }
    return refused
  }

  /** False if the worker was stopped before the last page. */
  async function readAll(signal: AbortSignal): Promise<boolean> {
    for (let after: string | null = null; ; ) {
      const page = await store.findItems({ filter: {}, limit: PAGE_SIZE, after })
      if (signal.aborted) return false
      // The first that finds no room says that there are more, and the rest is not read.
      const refused = await putItems(page.items)
      after = page.items.at(-1)?.id ?? null
      if (!page.hasMore || after === null || refused > 0) return true
    }
  }

  /** Whether anything has changed since `position`. */
  async function readChanges(
    from: CataloguePosition,
    through: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    let changed = 0
    for (let after: CataloguePosition | null = from; after !== null; ) {
      const { items, next } = await store.catalogueChanges({ after, through, limit: PAGE_SIZE })
      if (signal.aborted) return false
      await putItems(items)
      changed += items.length
      after = next
      position = next ?? { version: through, itemId: null }
    }
    await index.compact()
    if (changed > 0) log.info({ changed, items: index.size(), version: through }, 'serving index refreshed')
    return changed > 0
  }

  async function measureOverflow(): Promise<void> {
    if (index.isComplete()) return
    const items = (await store.countItems({})) - index.size()
    overflow.set(items)
    if (items > 0)
      log.warn({ items }, 'serving index full (INDEX_MAX_ITEMS), these items are not recommended')
  }

  async function refreshItems(signal: AbortSignal): Promise<void> {
    // Read before the items, so that a change made meanwhile is read in the next run.
    const version = await store.catalogueVersion()
    if (position === null) {
      if (!(await readAll(signal))) return
      position = { version, itemId: null }
      index.markRead()
      log.info({ items: index.size(), version }, 'serving index read')
      await measureOverflow()
    } else if (version !== position.version || position.itemId !== null) {
      if (await readChanges(position, version, signal)) await measureOverflow()
    }
  }

  async function refresh(signal: AbortSignal): Promise<void> {
    await refreshItems(signal)
    if (signal.aborted) return
    index.replacePopular(await store.popularItems(POPULAR_ITEMS))
    index.replaceTrending(await store.trendingItems(POPULAR_ITEMS))
  }

  return createPeriodicWorker({
    name: 'serving-index-refresher',
    intervalMs: options.intervalMs,
    jitter: JITTER,
    run: refresh,
    log,
    random: options.random,
  })
}
