import { expect, test } from 'vitest'
import { createServingIndex } from '../state/serving-index.ts'
import { sampleItem } from '../testing/samples/catalogue.ts'
import { createCatalogueReader } from './catalogue-reader.ts'

const STORED = { items: [], hasMore: false }

function readerOf(maxItems: number, items = [sampleItem('a'), sampleItem('b', { available: false })]) {
  const index = createServingIndex({ maxItems })
  index.putItems(items)
  const asked: object[] = []
  const reader = createCatalogueReader({
    store: {
      async findItems({ filter }) {
        asked.push(filter)
        return STORED
      },
      async countItems(filter) {
        asked.push(filter)
        return 77
      },
    },
    index,
  })
  return { index, reader, asked }
}

const PAGE = { limit: 10, after: null }

test('the datastore gives the pages that its indexes narrow; memory finds titles and counts', async () => {
  const { index, reader, asked } = readerOf(10)
  index.markRead()
  for (const filter of [{}, { creator: 'c' }, { categories: ['x'], available: true }, { ids: ['a'] }]) {
    expect(await reader.findItems({ filter, ...PAGE })).toBe(STORED)
  }
  expect(asked).toHaveLength(4)
  const titled = await reader.findItems({ filter: { titleContains: 'of b', available: false }, ...PAGE })
  expect(titled.items.map(({ id }) => id)).toEqual(['b'])
  expect((await reader.findItems({ filter: { available: true }, ...PAGE })).items).toHaveLength(1)
  expect(await reader.countItems({})).toBe(2)
  expect(await reader.countItems({ available: false, titleContains: 'title' })).toBe(1)
  expect(asked).toHaveLength(4)
})

test('a catalogue that memory cannot hold is counted and paged by the datastore, but for titles', async () => {
  const { index, reader, asked } = readerOf(1)
  index.markRead()
  expect(await reader.countItems({ available: true })).toBe(77)
  expect(await reader.findItems({ filter: { available: true }, ...PAGE })).toBe(STORED)
  expect(asked).toEqual([{ available: true }, { available: true }])
  expect(await reader.countItems({ titleContains: 'title' })).toBe(1)
})

test('until the catalogue is read, what memory would answer is refused', async () => {
  const { reader } = readerOf(10)
  await expect(reader.countItems({})).rejects.toMatchObject({ code: 'CATALOGUE_LOADING', retryable: true })
  await expect(reader.findItems({ filter: { titleContains: 'a' }, ...PAGE })).rejects.toMatchObject({
    code: 'CATALOGUE_LOADING',
  })
})

test('one search runs at a time, 50 wait, and more are refused until there is room', async () => {
  const items = Array.from({ length: 6_000 }, (_, at) => sampleItem(`i${at}`))
  const { index, reader } = readerOf(10_000, items)
  index.markRead()
  const running = Array.from({ length: 50 }, () => reader.countItems({}))
  await expect(reader.countItems({})).rejects.toMatchObject({ code: 'SEARCH_BUSY', retryable: true })
  expect(await Promise.all(running)).toEqual(Array(50).fill(6_000))
  expect(await reader.countItems({})).toBe(6_000)
})
