import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ArtefactError, writeArtefact } from '../model-artefact.ts'
import { decodeModel } from '../recommendation-model.ts'
import { encodeItemToItem } from './artefact.ts'
import { createItemToItemModel } from './model.ts'
import { ITEM_TO_ITEM_FORMAT } from './parameters.ts'
import type { NeighbourLists } from './train.ts'

const LISTS: NeighbourLists = {
  itemIds: ['a', 'b', 'c', 'd'],
  starts: Uint32Array.of(0, 2, 4, 5, 5),
  neighbours: Uint32Array.of(1, 2, 0, 2, 0),
  similarities: Float32Array.of(0.5, 0.25, 0.5, 0.25, 0.25),
}

const listsArbitrary: fc.Arbitrary<NeighbourLists> = fc
  .uniqueArray(fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }), { minLength: 1, maxLength: 12 })
  .chain((itemIds) =>
    fc
      .array(
        fc.array(
          fc.tuple(fc.nat(itemIds.length - 1), fc.float({ min: Math.fround(1e-6), max: 1, noNaN: true })),
          { maxLength: 5 },
        ),
        { minLength: itemIds.length, maxLength: itemIds.length },
      )
      .map((lists) => {
        const ends = lists.map(
          (
            (sum) => (list) =>
              (sum += list.length)
          )(0),
        )
        return {
          itemIds,
          starts: Uint32Array.from([0, ...ends]),
          neighbours: Uint32Array.from(lists.flat().map(([item]) => item)),
          similarities: Float32Array.from(lists.flat().map(([, similarity]) => similarity)),
        }
      }),
  )

describe('item-to-item artefact', () => {
  test('a decoded model recommends what the encoded one does, for any lists', () => {
    fc.assert(
      fc.property(listsArbitrary, fc.nat(), (lists, pick) => {
        const decoded = decodeModel(encodeItemToItem('an algorithm', lists))
        const model = createItemToItemModel('an algorithm', lists)
        const history = [{ itemId: lists.itemIds[pick % lists.itemIds.length]!, weight: 2 }]
        expect(decoded.algorithm).toBe('an algorithm')
        expect(decoded.itemCount).toBe(lists.itemIds.length)
        expect(decoded.recommend(history, 10)).toEqual(model.recommend(history, 10))
      }),
    )
  })

  test('is the same bytes for the same lists', () => {
    expect(encodeItemToItem('x', LISTS)).toEqual(encodeItemToItem('x', structuredClone(LISTS)))
  })

  test('can be read from the middle of a larger buffer', () => {
    const artefact = encodeItemToItem('x', LISTS)
    const larger = new Uint8Array(artefact.length + 3)
    larger.set(artefact, 3)
    expect(decodeModel(larger.subarray(3)).itemCount).toBe(4)
  })

  test('every cut-off artefact is refused', () => {
    const artefact = encodeItemToItem('x', LISTS)
    for (let length = 0; length < artefact.length; length++) {
      expect(() => decodeModel(artefact.subarray(0, length))).toThrow(ArtefactError)
    }
  })

  test('whatever bytes come, a model or an ArtefactError results', () => {
    const artefact = encodeItemToItem('x', LISTS)
    fc.assert(
      fc.property(fc.nat(artefact.length - 1), fc.nat(255), (place, value) => {
        const damaged = artefact.slice()
        damaged[place] = value
        try {
          decodeModel(damaged).recommend([{ itemId: 'a', weight: 1 }], 10)
        } catch (error) {
          expect(error).toBeInstanceOf(ArtefactError)
        }
      }),
      { numRuns: 500 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(() => decodeModel(bytes)).toThrow(ArtefactError)
      }),
    )
  })

  test.each([
    ['a neighbour that is no item', { neighbours: Uint32Array.of(1, 2, 0, 2, 4) }, /neighbour 4/],
    ['a similarity above 1', { similarities: Float32Array.of(0.5, 1.5, 0.5, 0.25, 0.25) }, /similarity 1.5/],
    [
      'a similarity that is no number',
      { similarities: new Float32Array(5).fill(Number.NaN) },
      /similarity NaN/,
    ],
    ['lists that overlap', { starts: Uint32Array.of(0, 3, 2, 5, 5) }, /list 1/],
    ['lists that leave neighbours out', { starts: Uint32Array.of(0, 2, 4, 4, 4) }, /do not cover/],
    ['an item twice', { itemIds: ['a', 'b', 'c', 'a'] }, /twice/],
    ['an empty item id', { itemIds: ['a', 'b', 'c', ''] }, /itemIds\.3/],
  ])('%s is refused by name', (_, change, message) => {
    const artefact = encodeItemToItem('x', { ...LISTS, ...change })
    expect(() => decodeModel(artefact)).toThrow(ArtefactError)
    expect(() => decodeModel(artefact)).toThrow(message)
  })

  test('bytes behind the arrays, an unknown format and an unknown version are refused', () => {
    const artefact = encodeItemToItem('x', LISTS)
    const longer = new Uint8Array(artefact.length + 4)
    longer.set(artefact)
    expect(() => decodeModel(longer)).toThrow(/4 bytes follow/)
    expect(() => decodeModel(writeArtefact({ format: 'ease' }, []))).toThrow(/"ease" is not known/)
    const header = { format: ITEM_TO_ITEM_FORMAT, version: 2, algorithm: 'x', neighbourCount: 0, itemIds: [] }
    expect(() => decodeModel(writeArtefact(header, [Uint32Array.of(0)]))).toThrow(/wrong at version/)
  })
})
