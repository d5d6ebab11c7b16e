import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Item } from '../../domain/item.ts'
import { HOSTILE_ATTRIBUTES } from '../../testing/samples/attributes.ts'
import { sampleItem } from '../../testing/samples/catalogue.ts'
import { openPersonalizationStore } from '../open.ts'
import type { CataloguePosition, PersonalizationStore, StoredItemFilter } from '../port.ts'
import { byCodePoint } from './store-contents.ts'

export function describeCatalogue(urlOf: (database: string) => string): void {
  describe('catalogue', () => {
    let store: PersonalizationStore
    beforeAll(async () => {
      store = await openPersonalizationStore(urlOf('catalogue'))
    })
    afterAll(() => store.close())

    async function found(filter: StoredItemFilter): Promise<readonly string[]> {
      const page = await store.findItems({ filter, limit: 100, after: null })
      expect(await store.countItems(filter)).toBe(page.items.length)
      return page.items.map(({ id }) => id)
    }

    test('an item comes back as it was, whatever its attributes hold', async () => {
      const item = sampleItem('hostile', {
        creator: null,
        categories: ['b', 'a', 'b'],
        attributes: HOSTILE_ATTRIBUTES,
      })
      await store.upsertItems([item])
      const [read] = await store.itemsByIds(['hostile'])
      expect(read).toEqual(item)
      expect(JSON.stringify(read?.attributes)).toBe(JSON.stringify(HOSTILE_ATTRIBUTES))
    })

    test('any JSON attributes and any well-formed text come back as they were', async () => {
      const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 })
      const itemArbitrary = fc.record({
        id: text,
        title: text,
        creator: fc.option(text),
        categories: fc.array(text, { maxLength: 4 }),
        available: fc.boolean(),
        availableFrom: fc.option(fc.integer({ min: -8.64e15, max: 8.64e15 })),
        availableUntil: fc.option(fc.integer({ min: -8.64e15, max: 8.64e15 })),
        markets: fc.array(text, { maxLength: 3 }),
        createdAt: fc.integer({ min: -8.64e15, max: 8.64e15 }),
        attributes: fc.option(
          fc.dictionary(text, fc.jsonValue()).map((value) => JSON.parse(JSON.stringify(value))),
        ),
      })
      await fc.assert(
        fc.asyncProperty(itemArbitrary, async (item) => {
          await store.upsertItems([item])
          const [read] = await store.itemsByIds([item.id])
          expect(read).toEqual({ ...item, attributes: read?.attributes })
          expect(JSON.stringify(read?.attributes)).toBe(JSON.stringify(item.attributes))
        }),
        { numRuns: 40 },
      )
    })

    test('an item that is written again is replaced, its categories included', async () => {
      await store.upsertItems([sampleItem('again', { categories: ['again-old', 'again-both'] })])
      const again = sampleItem('again', {
        title: 'New',
        categories: ['again-both'],
        availableFrom: 1,
        availableUntil: 2,
        markets: ['NL'],
      })
      await store.upsertItems([again])
      expect(await store.itemsByIds(['again'])).toEqual([again])
      expect(await found({ categories: ['again-old'] })).toEqual([])
      expect(await found({ categories: ['again-both'] })).toEqual(['again'])
    })

    test('of items with one id in one call the last is kept', async () => {
      await store.upsertItems([
        sampleItem('twice', { title: 'first' }),
        sampleItem('twice', { title: 'last' }),
      ])
      expect((await store.itemsByIds(['twice'])).map(({ title }) => title)).toEqual(['last'])
    })

    test('inserting missing items leaves known ones alone and counts the new ones', async () => {
      await store.upsertItems([sampleItem('known', { title: 'Known' })])
      const rows = [
        sampleItem('known', { title: 'Placeholder' }),
        sampleItem('unknown', { title: 'First' }),
        sampleItem('unknown', { title: 'Second' }),
      ]
      expect(await store.insertMissingItems(rows)).toBe(1)
      expect(await store.insertMissingItems(rows)).toBe(0)
      const titles = (await store.itemsByIds(['known', 'unknown'])).map(({ title }) => title)
      expect(titles.toSorted()).toEqual(['First', 'Known'])
    })

    test('unknown ids are left out and a repeated id is answered once', async () => {
      await store.upsertItems([sampleItem('one'), sampleItem('two')])
      const items = await store.itemsByIds(['two', 'none', 'one', 'two'])
      expect(items.map(({ id }) => id).toSorted()).toEqual(['one', 'two'])
      expect(await store.itemsByIds([])).toEqual([])
    })

    test('every filter narrows, and all of them hold together', async () => {
      await store.upsertItems([
        sampleItem('f1', { creator: 'Filter', categories: ['f-rock', 'f-pop'], title: 'Red Sun' }),
        sampleItem('f2', { creator: 'Filter', categories: ['f-rock'], title: 'Red Moon', available: false }),
        sampleItem('f3', { creator: 'filter', categories: ['f-jazz'], title: 'Blue Moon' }),
      ])
      expect(await found({ creator: 'Filter' })).toEqual(['f1', 'f2'])
      expect(await found({ categories: ['f-pop', 'f-jazz'] })).toEqual(['f1', 'f3'])
      expect(await found({ categories: ['f-rock', 'f-pop'] })).toEqual(['f1', 'f2'])
      expect(await found({ ids: ['f3', 'f1', 'f9'] })).toEqual(['f1', 'f3'])
      expect(await found({ ids: ['f1', 'f2', 'f3'], available: false })).toEqual(['f2'])
      expect(await found({ creator: 'Filter', available: false, categories: ['f-rock'] })).toEqual(['f2'])
      expect(await found({ creator: 'Filter', available: true })).toEqual(['f1'])
      expect(await found({ ids: [] })).toEqual([])
      expect(await found({ categories: [] })).toEqual([])
    })

    test('walking the pages gives every item once, in the order of code points', async () => {
      let run = 0
      const suffixes = fc.uniqueArray(fc.string({ unit: 'binary', maxLength: 5 }), { maxLength: 20 })
      await fc.assert(
        fc.asyncProperty(suffixes, fc.integer({ min: 1, max: 7 }), async (names, limit) => {
          const creator = `pages-${run++}`
          const ids = names.map((name) => `${creator}-${name}`)
          await store.upsertItems(ids.map((id) => sampleItem(id, { creator })))
          const walked: Item[] = []
          for (let after: string | null = null; ; ) {
            const page = await store.findItems({ filter: { creator }, limit, after })
            expect(await store.countItems({ creator })).toBe(ids.length)
            expect(page.items.length).toBeLessThanOrEqual(limit)
            walked.push(...page.items)
            if (!page.hasMore) break
            after = page.items.at(-1)?.id ?? null
          }
          expect(walked.map(({ id }) => id)).toEqual(ids.toSorted(byCodePoint))
        }),
        { numRuns: 15 },
      )
    })

    test('the version grows with every change of the catalogue, and only then', async () => {
      const versions = [await store.catalogueVersion()]
      const note = async (): Promise<void> => void versions.push(await store.catalogueVersion())
      await store.upsertItems([sampleItem('v1')])
      await note()
      await store.insertMissingItems([sampleItem('v1'), sampleItem('v2')])
      await note()
      await store.upsertItems([sampleItem('v1', { available: false })])
      await note()
      expect(versions).toEqual(versions.toSorted((a, b) => a - b))
      expect(new Set(versions).size).toBe(4)
      await store.insertMissingItems([sampleItem('v1'), sampleItem('v2')])
      await store.upsertItems([])
      await note()
      expect(versions[4]).toBe(versions[3])
    })

    test('changes by several stores at once are all counted', async () => {
      const other = await openPersonalizationStore(urlOf('catalogue'))
      const before = await store.catalogueVersion()
      await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          (index % 2 === 0 ? store : other).upsertItems([sampleItem('contended'), sampleItem(`c${index}`)]),
        ),
      )
      expect(await store.catalogueVersion()).toBe(before + 10)
      expect(await other.catalogueVersion()).toBe(before + 10)
      await other.close()
    })

    async function changesAfter(version: number, limit = 100): Promise<readonly Item[]> {
      const through = await store.catalogueVersion()
      const changed: Item[] = []
      for (let after: CataloguePosition | null = { version, itemId: null }; after !== null; ) {
        const page = await store.catalogueChanges({ after, through, limit })
        expect(page.items.length).toBeLessThanOrEqual(limit)
        changed.push(...page.items)
        after = page.next
      }
      return changed
    }

    test('what has changed since a version is read once each, as it is now, in the order of the changes', async () => {
      const start = await store.catalogueVersion()
      await store.upsertItems([sampleItem('d2'), sampleItem('d1'), sampleItem('d3')])
      const between = await store.catalogueVersion()
      await store.insertMissingItems([sampleItem('d1', { title: 'Placeholder' }), sampleItem('d4')])
      await store.upsertItems([sampleItem('d2', { title: 'New' })])
      for (const limit of [1, 2, 3, 100]) {
        const all = await changesAfter(start, limit)
        expect(all.map(({ id, title }) => [id, title])).toEqual([
          ['d1', 'Title of d1'],
          ['d3', 'Title of d3'],
          ['d4', 'Title of d4'],
          ['d2', 'New'],
        ])
        expect((await changesAfter(between, limit)).map(({ id }) => id)).toEqual(['d4', 'd2'])
      }
      const after = { version: start, itemId: null }
      const sooner = await store.catalogueChanges({ after, through: between, limit: 10 })
      expect(sooner.items.map(({ id }) => id)).toEqual(['d1', 'd3'])
      expect(await changesAfter(await store.catalogueVersion())).toEqual([])
    })

    test('a reader that follows the changes of several writers misses none', async () => {
      const other = await openPersonalizationStore(urlOf('catalogue'))
      const read = new Map<string, string>()
      let version = await store.catalogueVersion()
      async function follow(): Promise<void> {
        const through = await store.catalogueVersion()
        for (let after: CataloguePosition | null = { version, itemId: null }; after !== null; ) {
          const page = await store.catalogueChanges({ after, through, limit: 3 })
          for (const { id, title } of page.items) read.set(id, title)
          after = page.next
        }
        version = through
      }
      let writing = true
      const following = (async () => {
        while (writing) {
          await follow()
          // SQLite answers without a turn of the event loop.
          await setImmediate()
        }
      })()
      await Promise.all(
        [store, other].map(async (writer, name) => {
          for (let round = 0; round < 15; round++) {
            const own = [0, 1, 2, 3].map((at) => sampleItem(`w${name}-${at}`, { title: `${round}` }))
            await writer.upsertItems([...own, sampleItem(`new-${name}-${round}`, { title: 'new' })])
          }
        }),
      )
      writing = false
      await following
      await follow()
      expect(read.size).toBe(38)
      expect([0, 1].flatMap((name) => [0, 1, 2, 3].map((at) => read.get(`w${name}-${at}`)))).toEqual(
        Array(8).fill('14'),
      )
      await other.close()
    })

    test('more than 500 rows in a call are a bug of the caller', async () => {
      const rows = Array.from({ length: 501 }, (_, index) => sampleItem(`bound-${index}`))
      await expect(store.upsertItems(rows)).rejects.toThrow(RangeError)
      await expect(store.insertMissingItems(rows)).rejects.toThrow(RangeError)
      expect(await store.insertMissingItems(rows.slice(0, 500))).toBe(500)
    })
  })
}
