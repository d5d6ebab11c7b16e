import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  createInteractionMatrixBuilder,
  type InteractionMatrix,
  withBoundedRows,
} from './interaction-matrix.ts'
import { DEFAULT_PARAMETERS, type ItemToItemParameters } from './parameters.ts'
import { type NeighbourLists, trainItemToItem } from './train.ts'

const PLAIN_COSINE: ItemToItemParameters = { ...DEFAULT_PARAMETERS, b: 0, shrinkage: 0 }

function matrixOf(rows: readonly (readonly string[])[]): InteractionMatrix {
  const builder = createInteractionMatrixBuilder()
  rows.forEach((row, user) => {
    for (const item of row) builder.add(`u${user}`, item)
  })
  return builder.build()
}

function trained(rows: readonly (readonly string[])[], parameters: ItemToItemParameters): NeighbourLists {
  const steps = trainItemToItem(matrixOf(rows), parameters)
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

function neighboursOf(lists: NeighbourLists, itemId: string): [string, number][] {
  const item = lists.itemIds.indexOf(itemId)
  const places = Array.from(
    { length: lists.starts[item + 1]! - lists.starts[item]! },
    (_, n) => lists.starts[item]! + n,
  )
  return places.map((place) => [lists.itemIds[lists.neighbours[place]!]!, lists.similarities[place]!])
}

const rowsArbitrary = fc.array(
  fc.uniqueArray(
    fc.integer({ min: 0, max: 14 }).map((n) => `i${n}`),
    { maxLength: 10 },
  ),
  { minLength: 1, maxLength: 20 },
)
const parametersArbitrary = fc.record({
  k1: fc.constantFrom(0.5, 1.2, 50),
  b: fc.constantFrom(0, 0.75, 1),
  shrinkage: fc.constantFrom(0, 5),
  neighbours: fc.integer({ min: 1, max: 20 }),
  itemsPerUser: fc.constant(100),
})

describe('interaction matrix', () => {
  test('counts a repeated pair once and numbers the items in the order of their ids', () => {
    const matrix = matrixOf([['b', 'a', 'b'], ['a']])
    expect(matrix.itemIds).toEqual(['a', 'b'])
    expect([...matrix.rowStarts]).toEqual([0, 2, 3])
    expect([...matrix.items]).toEqual([1, 0, 0])
    expect(matrix.userCount).toBe(2)
  })

  test('a bounded row keeps an even spread of a long row and leaves a short one as it is', () => {
    const long = Array.from({ length: 10 }, (_, n) => `i${n}`)
    const bounded = withBoundedRows(matrixOf([long, ['i3']]), 5)
    expect([...bounded.items]).toEqual([0, 2, 4, 6, 8, 3])
    expect([...bounded.rowStarts]).toEqual([0, 5, 6])
  })
})

describe('item-to-item training', () => {
  test('equals the cosine by hand where no user weighs more than another', () => {
    const lists = trained([['a', 'b'], ['a', 'b', 'c'], ['a']], PLAIN_COSINE)
    expect(neighboursOf(lists, 'a')).toEqual([
      ['b', Math.fround(2 / Math.sqrt(3 * 2))],
      ['c', Math.fround(1 / Math.sqrt(3))],
    ])
    expect(neighboursOf(lists, 'c').map(([id]) => id)).toEqual(['b', 'a'])
  })

  test('equals the weighted cosine of a dense computation, for any matrix and parameters', () => {
    fc.assert(
      fc.property(rowsArbitrary, parametersArbitrary, (rows, parameters) => {
        const lists = trained(rows, parameters)
        for (const itemId of lists.itemIds) {
          const dense = denseSimilarities(rows, parameters, itemId)
          const kept = neighboursOf(lists, itemId)
          expect(kept.length).toBe(Math.min(parameters.neighbours, dense.length))
          kept.forEach(([id, similarity], n) => {
            expect(similarity).toBeCloseTo(dense[n]![1], 6)
            expect(dense.find(([other]) => other === id)![1]).toBeCloseTo(similarity, 6)
          })
        }
      }),
    )
  })

  test('lists neighbours by similarity, then by item id, and never an item beside itself', () => {
    fc.assert(
      fc.property(rowsArbitrary, parametersArbitrary, (rows, parameters) => {
        const lists = trained(rows, parameters)
        for (const itemId of lists.itemIds) {
          const kept = neighboursOf(lists, itemId)
          expect(kept.map(([id]) => id)).not.toContain(itemId)
          const sorted = kept.toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
          expect(kept).toEqual(sorted)
        }
      }),
    )
  })

  test('yields a growing share of the work, so that others can run in between', () => {
    const rows = Array.from({ length: 20 }, () => Array.from({ length: 200 }, (_, n) => `i${n}`))
    const shares = [...trainItemToItem(matrixOf(rows), DEFAULT_PARAMETERS)]
    expect(shares.length).toBeGreaterThan(3)
    expect(shares).toEqual(shares.toSorted((a, b) => a - b))
    expect(shares.at(-1)).toBeLessThan(1)
  })

  test('of a user with too many items an evenly spread sample counts, and of one with as many all', () => {
    const ids = Array.from({ length: 9 }, (_, n) => `i${n}`)
    const itemsWith = (itemsPerUser: number) => {
      const lists = trained([ids], { ...DEFAULT_PARAMETERS, itemsPerUser })
      return lists.itemIds.filter((id) => neighboursOf(lists, id).length > 0)
    }
    expect(itemsWith(9)).toEqual(ids)
    expect(itemsWith(3)).toEqual(['i0', 'i3', 'i6'])
    expect(itemsWith(8)).toHaveLength(8)
  })

  test('by default 2,000 items of a user count', () => {
    const ids = Array.from({ length: 2_001 }, (_, n) => `i${n}`)
    const lists = trained([ids], DEFAULT_PARAMETERS)
    const counted = lists.itemIds.filter((id) => neighboursOf(lists, id).length > 0)
    expect(counted).toHaveLength(2_000)
  })

  test('learns nothing from nothing', () => {
    const lists = trained([], DEFAULT_PARAMETERS)
    expect(lists.itemIds).toEqual([])
    expect([...lists.starts]).toEqual([0])
  })
})

function denseSimilarities(
  rows: readonly (readonly string[])[],
  { k1, b, shrinkage }: ItemToItemParameters,
  itemId: string,
): [string, number][] {
  const users = rows.filter((row) => row.length > 0)
  const mean = users.reduce((sum, row) => sum + row.length, 0) / users.length
  const weights = users.map((row) => (k1 + 1) / (k1 * (1 - b + (b * row.length) / mean) + 1))
  const dot = (one: string, other: string): number =>
    users.reduce((sum, row, u) => sum + (row.includes(one) && row.includes(other) ? weights[u]! ** 2 : 0), 0)
  return [...new Set(users.flat())]
    .filter((other) => other !== itemId && dot(itemId, other) > 0)
    .map((other): [string, number] => {
      const norms = Math.sqrt(dot(itemId, itemId)) * Math.sqrt(dot(other, other))
      return [other, dot(itemId, other) / (norms + shrinkage)]
    })
    .sort((one, other) => other[1] - one[1])
}
