import { setImmediate } from 'node:timers/promises'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import { createPeriodicWorker, type PeriodicWorker } from '@bulkhead/service/worker'
import type { PersonalizationStore } from '../datastore/port.ts'
import type { Random } from '../services/random.ts'
import { createCatalogueBuilder, type IndexedItems } from '../state/catalogue-builder.ts'
import type { LiveServingIndex } from '../state/serving-index.ts'

const PAGE_SIZE = 500
const POPULAR_ITEMS = 1000
const JITTER = 0.1

/**
 * Keeps the serving index close to the datastore: the catalogue is read again, page by page, when its version has
 * changed, the popularity every turn. While the datastore is away the index stays as it is.
 *
 * Overflow: of a catalogue of more than `maxItems`, the first by id are indexed. The others can be read one by one,
 * but are not recommended; a gauge and a log line say how many there are.
 */
export function createServingIndexRefresher(deps: {
  readonly store: Pick<PersonalizationStore, 'catalogueVersion' | 'findItems' | 'countItems' | 'popularItems'>
  readonly index: LiveServingIndex
  readonly intervalMs: number
  /** Items that the index holds at most. */
  readonly maxItems: number
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
  readonly metrics: Metrics
}): PeriodicWorker {
  const { store, index, log, maxItems } = deps
  let indexedVersion: number | null = null
  const overflow = deps.metrics.gauge({
    name: 'bulkhead_serving_index_overflow_items',
    help: `Items of the catalogue that are not recommended because the serving index is full`,
  })
  deps.metrics.gauge({
    name: 'bulkhead_serving_index_items',
    help: `Items in the serving index, at most ${maxItems}`,
    collect() {
      this.set(index.size())
    },
  })

  /** Null where the worker stops meanwhile. */
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
      // An embedded datastore answers without ever leaving this turn of the event loop; requests need theirs.
      await setImmediate()
    }
  }

  function reportOverflow(items: number): void {
    overflow.set(items)
    if (items > 0) log.warn({ items, maxItems }, 'the serving index is full; these items are not recommended')
  }

  async function refresh(signal: AbortSignal): Promise<void> {
    // Read before the items: what changes while they are read shows as a new version in the next turn.
    const version = await store.catalogueVersion()
    if (version !== indexedVersion) {
      const items = await readCatalogue(signal)
      if (items === null) return
      index.replaceItems(items)
      indexedVersion = version
      log.info({ items: items.byId.size, version }, 'serving index refreshed')
    }
    index.replacePopular(await store.popularItems(POPULAR_ITEMS))
  }

  return createPeriodicWorker({
    name: 'serving-index-refresher',
    intervalMs: deps.intervalMs,
    jitter: JITTER,
    run: refresh,
    log,
    random: deps.random.next,
  })
}
