import { captureLog } from '@bulkhead/service/testing/captured-log'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import { createServingIndex } from '../state/serving-index.ts'
import { sampleItem } from '../testing/samples/catalogue.ts'
import { sampleInteraction } from '../testing/samples/interactions.ts'
import { createTestMetrics } from '../testing/test-metrics.ts'
import { createServingIndexRefresher } from './serving-index-refresher.ts'

const NEVER_MS = 3_600_000

let store: PersonalizationStore
let stop: () => Promise<void> = () => Promise.resolve()

beforeEach(async () => {
  store = await openPersonalizationStore('sqlite::memory:')
})

afterEach(async () => {
  await stop()
  await store.close()
})

function start(options: { readonly maxItems?: number; readonly over?: Partial<PersonalizationStore> } = {}) {
  const { over = {}, maxItems = 10_000 } = options
  const index = createServingIndex({ maxItems })
  const metrics = createTestMetrics()
  const captured = captureLog()
  let pages = 0
  let counts = 0
  let changes = 0
  const refresher = createServingIndexRefresher({
    store: {
      catalogueVersion: store.catalogueVersion,
      popularItems: store.popularItems,
      trendingItems: store.trendingItems,
      countItems(filter) {
        counts++
        return store.countItems(filter)
      },
      findItems(query) {
        pages++
        return store.findItems(query)
      },
      catalogueChanges(query) {
        changes++
        return store.catalogueChanges(query)
      },
      ...over,
    },
    index,
    intervalMs: NEVER_MS,
    random: { next: () => 0.5 },
    log: captured.log,
    metrics,
  })
  refresher.start()
  stop = () => refresher.stop()
  return {
    index,
    refresh: () => refresher.wake(),
    pages: () => pages,
    counts: () => counts,
    changes: () => changes,
    lines: captured.lines,
    overflow: async () =>
      (await metrics.registry.getSingleMetric('bulkhead_serving_index_overflow_items')?.get())?.values[0]
        ?.value,
  }
}

async function addItems(prefix: string, count: number): Promise<void> {
  const all = Array.from({ length: count }, (_, at) => sampleItem(`${prefix}${String(at).padStart(5, '0')}`))
  for (let from = 0; from < count; from += 500) await store.upsertItems(all.slice(from, from + 500))
}

describe('the serving index refresher', () => {
  test('reads the whole catalogue once, page by page and without counting, then what has changed', async () => {
    await addItems('a', 601)
    const { index, refresh, pages, changes, counts } = start()
    await refresh()
    expect([index.size(), index.ready(), pages(), changes(), counts()]).toEqual([601, true, 3, 0, 0])
    await refresh()
    expect([pages(), changes()]).toEqual([3, 0])
    await store.upsertItems([sampleItem('a00000', { available: false }), sampleItem('new')])
    await refresh()
    expect(index.size()).toBe(602)
    expect(['a00000', 'new'].map((id) => index.itemById(id)?.available)).toEqual([false, true])
    expect([pages(), changes(), counts()]).toEqual([3, 1, 0])
  })

  test('a change of more items than a page is read page by page, and what was read is not read again', async () => {
    await addItems('a', 1)
    let breaks = true
    let reads = 0
    const { index, refresh } = start({
      over: {
        catalogueChanges(query) {
          reads++
          if (breaks && reads === 2) return Promise.reject(new Error('away'))
          return store.catalogueChanges(query)
        },
      },
    })
    await refresh()
    await addItems('b', 600)
    await refresh()
    expect([reads, index.size()]).toEqual([2, 251])
    breaks = false
    await refresh()
    expect([reads, index.size()]).toEqual([4, 601])
  })

  test('an item that changes while the catalogue is read ends up as it was stored last', async () => {
    await addItems('a', 600)
    let changed = false
    const { index, refresh } = start({
      over: {
        async findItems(query) {
          const page = await store.findItems(query)
          if (!changed) await store.upsertItems([sampleItem('a00000', { title: 'New' }), sampleItem('A')])
          changed = true
          return page
        },
      },
    })
    await refresh()
    await refresh()
    expect([index.size(), index.itemById('a00000')?.title]).toEqual([601, 'New'])
  })

  test('an empty catalogue is a catalogue', async () => {
    const { index, refresh } = start()
    await refresh()
    expect([index.ready(), index.size()]).toEqual([true, 0])
  })

  test('reads the popularity in every run', async () => {
    await addItems('a', 2)
    const { index, refresh } = start()
    await refresh()
    expect(index.popular()).toEqual([])
    await store.importInteractions([sampleInteraction('event-1', { itemId: 'a00001' })])
    await refresh()
    expect(index.popular()).toEqual([{ itemId: 'a00001', score: 1 }])
    expect(index.trending()).toEqual(index.popular())
  })

  test('keeps what it has while the datastore is away', async () => {
    await addItems('a', 3)
    let away = false
    const catalogueVersion = () => (away ? Promise.reject(new Error('away')) : store.catalogueVersion())
    const { index, refresh } = start({ over: { catalogueVersion } })
    await refresh()
    away = true
    await store.upsertItems([sampleItem('new')])
    await refresh()
    expect(index.size()).toBe(3)
    away = false
    await refresh()
    expect(index.size()).toBe(4)
  })

  test('holds no more items than the maximum, and says how many it leaves out', async () => {
    await addItems('a', 620)
    const { index, refresh, lines, overflow, counts } = start({ maxItems: 600 })
    await refresh()
    await refresh()
    expect([index.size(), await overflow(), counts()]).toEqual([600, 20, 1])
    expect(lines.filter(({ level, items }) => level === 'warn' && items === 20)).toHaveLength(1)
    await store.upsertItems([sampleItem('a00000', { title: 'New' }), sampleItem('more')])
    await refresh()
    expect([index.size(), index.itemById('a00000')?.title, await overflow()]).toEqual([600, 'New', 21])
  })

  test('a catalogue of just the maximum leaves nothing out', async () => {
    await addItems('a', 600)
    const { index, refresh, overflow } = start({ maxItems: 600 })
    await refresh()
    expect([index.size(), await overflow()]).toEqual([600, 0])
  })
})
