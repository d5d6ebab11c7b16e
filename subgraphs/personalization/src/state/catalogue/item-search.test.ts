import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ItemFilter } from '../../datastore/port.ts'
import type { Item } from '../../domain/item.ts'
import { sampleItem } from '../../testing/samples/catalogue.ts'
import { createItemSearch } from './item-search.ts'
import { createItemTable } from './item-table.ts'

function tableOf(items: readonly Item[]) {
  const table = createItemTable()
  for (const item of items) table.put(item)
  return table
}

async function found(items: readonly Item[], filter: ItemFilter, limit = 100, after: string | null = null) {
  const page = await createItemSearch(tableOf(items)).find({ filter, limit, after })
  return page.items.map(({ id }) => id)
}

describe('a title', () => {
  const titled = [
    sampleItem('t1', { title: '100% [Pure] a_b (x.y) \\ $ ^' }),
    sampleItem('t2', { title: 'ÜBER Éric Straße' }),
    sampleItem('t3', { title: 'nul\0inside' }),
    sampleItem('t4', { title: '音楽の力' }),
  ]

  test.each([
    ['100%', ['t1']],
    ['[pure]', ['t1']],
    ['A_B', ['t1']],
    ['(X.Y)', ['t1']],
    ['\\', ['t1']],
    ['%', ['t1']],
    ['.*', []],
    ['_00', []],
    ['a.b', []],
    ['[a-z]', []],
    ['über é', ['t2']],
    ['STRASSE', ['t2']],
    ['L\0I', ['t3']],
    ['楽', ['t4']],
    ['楽の', ['t4']],
    ['音楽の力', ['t4']],
    ['', ['t1', 't2', 't3', 't4']],
  ])('%j is searched literally and without regard to case, in any script', async (text, expected) => {
    expect(await found(titled, { titleContains: text })).toEqual(expected)
  })
})

/** Few letters, so that texts are found; one folds to two letters, and the last two sort by code point only. */
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'A', 'ß', 's', '\uffee', '𝄞'), maxLength: 6 })
const anyItem = fc.record({
  id: text.filter((id) => id !== ''),
  title: text,
  creator: fc.constantFrom('one', 'two', null),
  categories: fc.subarray(['x', 'y']),
  available: fc.boolean(),
})
const anyFilter = fc.record(
  {
    ids: fc.array(text, { maxLength: 4 }),
    titleContains: text,
    creator: fc.constantFrom('one', 'two'),
    categories: fc.subarray(['x', 'y', 'z']),
    available: fc.boolean(),
  },
  { requiredKeys: [] },
)

function expectedOf(items: readonly Item[], filter: ItemFilter): string[] {
  const title = filter.titleContains?.toUpperCase()
  return [...new Map(items.map((item) => [item.id, item])).values()]
    .filter((item) => filter.ids?.includes(item.id) ?? true)
    .filter((item) => title === undefined || item.title.toUpperCase().includes(title))
    .filter((item) => filter.creator === undefined || item.creator === filter.creator)
    .filter((item) => filter.categories?.some((one) => item.categories.includes(one)) ?? true)
    .filter((item) => filter.available === undefined || item.available === filter.available)
    .map(({ id }) => id)
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

test('pages and counts are those of a scan, whatever changed before', async () => {
  const items = fc.array(anyItem, { maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(items, anyFilter, fc.integer({ min: 1, max: 5 }), async (rows, filter, limit) => {
      const all = rows.map(({ id, ...fields }) => sampleItem(id, fields))
      const table = tableOf(all)
      await table.compact()
      const search = createItemSearch(table)
      const expected = expectedOf(all, filter)
      expect(await search.count(filter)).toBe(expected.length)
      const walked: string[] = []
      for (let after: string | null = null; ; ) {
        const page = await search.find({ filter, limit, after })
        walked.push(...page.items.map(({ id }) => id))
        if (!page.hasMore) break
        after = walked.at(-1) ?? null
      }
      expect(walked).toEqual(expected)
    }),
    { numRuns: 300 },
  )
})

test('a rare title is found without looking at every item, a common one in the order of ids', async () => {
  const all = Array.from({ length: 5_000 }, (_, at) =>
    sampleItem(`i${String(at).padStart(4, '0')}`, { title: at % 2_500 === 7 ? 'needle' : 'hay stack' }),
  )
  const table = tableOf(all)
  const walks: (string | null)[] = []
  const search = createItemSearch({
    get: table.get,
    size: table.size,
    titled: table.titled,
    after(id) {
      walks.push(id)
      return table.after(id)
    },
  })
  const rare = await search.find({ filter: { titleContains: 'need' }, limit: 1, after: 'i0007' })
  expect(rare).toMatchObject({ items: [{ id: 'i2507' }], hasMore: false })
  expect(walks).toEqual([])
  const common = await search.find({ filter: { titleContains: 'stack' }, limit: 1, after: 'i0006' })
  expect(common).toMatchObject({ items: [{ id: 'i0008' }], hasMore: true })
  expect(walks).toEqual(['i0006'])
})

test('requests have turns while many items are searched, and new items do not disturb it', async () => {
  const all = Array.from({ length: 20_000 }, (_, at) => sampleItem(`i${at}`))
  const table = tableOf(all)
  const search = createItemSearch(table)
  let turns = 0
  const ticking = setInterval(() => {
    turns++
    table.put(sampleItem(`i0-${turns}`, { title: 'other' }))
  }, 0)
  expect(await search.count({ titleContains: 'title of i' })).toBe(20_000)
  expect(await search.count({ titleContains: 'i' })).toBe(20_000)
  clearInterval(ticking)
  expect(turns).toBeGreaterThan(0)
})
