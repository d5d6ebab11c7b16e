import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { categoryShares, intraListDiversity, miscalibration, novelty } from './beyond-accuracy.ts'
import { coverage, gini } from './exposure.ts'

const categoriesArbitrary = fc.uniqueArray(fc.constantFrom('folk', 'jazz', 'pop', 'rock', 'soul'), {
  maxLength: 4,
})
const listArbitrary = fc.array(categoriesArbitrary, { maxLength: 12 })
const exposuresArbitrary = fc
  .array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 30 })
  .map((counts) => Uint32Array.from(counts))

describe('exposure of the catalogue', () => {
  test('equals the figures by hand', () => {
    expect(coverage(Uint32Array.of(0, 3, 0, 1))).toBe(0.5)
    // Ascending 0, 0, 1, 3: (-3 x 0 - 1 x 0 + 1 x 1 + 3 x 3) / (4 x 4).
    expect(gini(Uint32Array.of(0, 3, 0, 1))).toBe(10 / 16)
    expect(gini(Uint32Array.of(2, 2, 2))).toBe(0)
    expect(gini(Uint32Array.of(0, 0, 0, 0, 7))).toBe(4 / 5)
  })

  test('says nothing of an empty catalogue, nor of lists without items', () => {
    expect([coverage(Uint32Array.of()), gini(Uint32Array.of()), gini(Uint32Array.of(0, 0))]).toEqual([
      null,
      null,
      null,
    ])
  })

  test('Gini equals the mean difference of two items over twice the mean, whatever the order', () => {
    fc.assert(
      fc.property(exposuresArbitrary, (exposures) => {
        const total = exposures.reduce((sum, count) => sum + count, 0)
        fc.pre(total > 0)
        let differences = 0
        for (const one of exposures) for (const other of exposures) differences += Math.abs(one - other)
        expect(gini(exposures)).toBeCloseTo(differences / (2 * exposures.length * total), 10)
        expect(gini(exposures.toReversed())).toBe(gini(exposures))
      }),
    )
  })
})

describe('novelty', () => {
  test('equals the figure by hand: had by a half and an eighth of 8 users, 1 and 3 bits', () => {
    expect(novelty([4, 1], 8)).toBe(2)
    expect(novelty([8], 8)).toBe(0)
  })

  test('an item that nobody had counts as had by one, and an empty list has none', () => {
    expect(novelty([0], 16)).toBe(4)
    expect(novelty([], 16)).toBeNull()
  })
})

describe('intra-list diversity', () => {
  test('equals the figure by hand', () => {
    // Distances: folk to folk and pop 1/2, folk to jazz 1, folk and pop to jazz 1.
    expect(intraListDiversity([['folk'], ['folk', 'pop'], ['jazz'], []])).toBeCloseTo((0.5 + 1 + 1) / 3, 12)
  })

  test('is null without two items with categories', () => {
    expect([intraListDiversity([]), intraListDiversity([['folk'], [], []])]).toEqual([null, null])
  })

  test('is in [0, 1], does not depend on the order, and is 0 for copies of one item', () => {
    fc.assert(
      fc.property(listArbitrary, (list) => {
        const value = intraListDiversity(list)
        if (value === null) return
        expect(value).toBeGreaterThanOrEqual(0)
        expect(value).toBeLessThanOrEqual(1)
        expect(intraListDiversity(list.toReversed())).toBeCloseTo(value, 10)
        const known = list.find((categories) => categories.length > 0) ?? []
        expect(intraListDiversity([known, known, known])).toBe(0)
      }),
    )
  })
})

describe('miscalibration', () => {
  test('equals the figure by hand: a history of 70% folk and 30% jazz, a list of folk only', () => {
    const history = new Map([
      ['folk', 0.7],
      ['jazz', 0.3],
    ])
    const list = new Map([['folk', 1]])
    const byHand = 0.7 * Math.log(0.7 / (0.99 + 0.007)) + 0.3 * Math.log(0.3 / 0.003)
    expect(miscalibration(history, list)).toBeCloseTo(byHand, 12)
    expect(byHand).toBeCloseTo(1.133982, 6)
  })

  test('an item shares out one among its categories; one without categories counts for nothing', () => {
    expect(categoryShares([['folk', 'jazz'], ['folk'], []])).toEqual(
      new Map([
        ['folk', 0.75],
        ['jazz', 0.25],
      ]),
    )
    expect(categoryShares([[], []])).toBeNull()
  })

  test('shares sum to 1; equal shares have no divergence, and none has more than ln 100', () => {
    fc.assert(
      fc.property(listArbitrary, listArbitrary, (one, other) => {
        const history = categoryShares(one)
        const list = categoryShares(other)
        if (history === null || list === null) return
        expect([...history.values()].reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 10)
        expect(miscalibration(history, history)).toBeCloseTo(0, 10)
        expect(miscalibration(history, list)).toBeGreaterThanOrEqual(0)
        expect(miscalibration(history, list)).toBeLessThanOrEqual(Math.log(100) + 1e-9)
      }),
    )
  })
})
