import { setImmediate } from 'node:timers/promises'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Random } from '@bulkhead/service/random'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import type { PersonalizationStore } from '../datastore/port.ts'
import { createCatalogueBuilder, type IndexedItems } from '../state/catalogue-builder.ts'
import type { LiveServingIndex } from '../state/serving-index.ts'

const PAGE_SIZE = 500
const POPULAR_ITEMS = 1000
const JITTER = 0.1

/**
 * Keeps the serving index up to date: reads the catalogue again, page by page, when its version has changed, and what
 * is popular and trending in every run. While the datastore is unreachable the index stays as it is.
 *
 * If the catalogue has more than `maxItems` items, only the first ones by id are indexed. The others can be queried,
 * but are not recommended; a gauge and a log line say how many there are.
 */
export function createServingIndexRefresher(options: {
  readonly store: Pick<
    PersonalizationStore,
    'catalogueVersion' | 'findItems' | 'countItems' | 'popularItems' | 'trendingItems'
  >
  readonly index: LiveServingIndex
  readonly intervalMs: number
  /** Upper bound on the items in the index. */
  readonly maxItems: number
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
  readonly metrics: Metrics
}): Worker {
  const { store, index, log, maxItems } = options
  let indexedVersion: number | null = null
  const overflow = options.metrics.gauge({
    name: 'bulkhead_serving_index_overflow_items',
    help: `Items of the catalogue that are not recommended because the serving index is full`,
  })
  options.metrics.gauge({
    name: 'bulkhead_serving_index_items',
    help: `Items in the serving index, at most ${maxItems}`,
    collect() {
      this.set(index.size())
    },
  })

  /** Null if the worker was stopped before the last page. */
  async function readCatalogue(signal: AbortSignal): Promise<IndexedItems | null> {
    const builder = createCatalogueBuilder()
    let after: string | null = null
    for (;;) {
      const limit = Math.min(PAGE_SIZE, maxItems - builder.size())
      const page = await store.findItems({ filter: {}, limit, after })
      if (signal.aborted) return null
      builder.add(page.items)
      after = page.items.at(-1)?.id ?? null
      if (!page.hasMore || after === null || builder.size() >= maxItems) {
        reportOverflow(page.hasMore ? (await store.countItems({})) - builder.size() : 0)
        return builder.build()
      }
      // SQLite blocks the event loop, so let requests run between two pages.
      await setImmediate()
    }
  }

  function reportOverflow(items: number): void {
    overflow.set(items)
    if (items > 0) log.warn({ items, maxItems }, 'serving index full, these items are not recommended')
  }

  async function refresh(signal: AbortSignal): Promise<void> {
    // Read before the items, so that a change made meanwhile shows as a new version in the next run.
    const version = await store.catalogueVersion()
    if (version !== indexedVersion) {
      const items = await readCatalogue(signal)
      if (items === null) return
      index.replaceItems(items)
      indexedVersion = version
      log.info({ items: items.byId.size, version }, 'serving index refreshed')
    }
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
