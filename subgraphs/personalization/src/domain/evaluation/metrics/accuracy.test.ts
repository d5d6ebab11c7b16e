import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { accuracyAt } from './accuracy.ts'

const listArbitrary = fc
  .record({
    hits: fc.array(fc.boolean(), { maxLength: 30 }),
    missed: fc.integer({ min: 0, max: 20 }),
    k: fc.integer({ min: 1, max: 25 }),
  })
  .map(({ hits, missed, k }) => ({ hits, k, relevant: hits.filter(Boolean).length + missed }))
  .filter(({ relevant }) => relevant > 0)

describe('accuracy of a ranked list', () => {
  test('equals the figures by hand: hits at ranks 1 and 3 of 5, 3 relevant items', () => {
    const result = accuracyAt([true, false, true, false, false], 3, 5)
    expect(result.precision).toBeCloseTo(2 / 5, 12)
    expect(result.recall).toBeCloseTo(2 / 3, 12)
    expect(result.cappedRecall).toBeCloseTo(2 / 3, 12)
    // DCG 1 + 1 / log2(4) = 1.5; the ideal is 1 + 1 / log2(3) + 1 / log2(4) = 2.13093.
    expect(result.ndcg).toBeCloseTo(0.703918, 6)
    expect(result.fullIdealNdcg).toBe(result.ndcg)
    expect(result.averagePrecision).toBeCloseTo((1 + 2 / 3) / 3, 12)
    expect(result.reciprocalRank).toBe(1)
    expect(result.hitRate).toBe(1)
  })

  test('the two recalls and the two NDCGs differ where more items are relevant than the list has places', () => {
    const result = accuracyAt([false, true], 4, 2)
    expect(result).toMatchObject({ precision: 0.5, recall: 0.25, cappedRecall: 0.5, reciprocalRank: 0.5 })
    // DCG 1 / log2(3) = .63093; ideals: 1.63093 for two places, 2.56161 for four.
    expect(result.ndcg).toBeCloseTo(0.386853, 6)
    expect(result.fullIdealNdcg).toBeCloseTo(0.246302, 6)
    expect(result.averagePrecision).toBeCloseTo(0.25, 12)
  })

  test('a list shorter than k has nothing at the ranks that it lacks', () => {
    expect(accuracyAt([true], 2, 4)).toEqual(accuracyAt([true, false, false, false], 2, 4))
  })

  test('a list without hits has 0 everywhere, one of hits only has 1 wherever 1 can be reached', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), (relevant, k) => {
        expect(new Set(Object.values(accuracyAt(Array(k).fill(false), relevant, k)))).toEqual(new Set([0]))
        const perfect = accuracyAt(Array(Math.min(k, relevant)).fill(true), relevant, k)
        expect(perfect).toMatchObject({ cappedRecall: 1, ndcg: 1, averagePrecision: 1, reciprocalRank: 1 })
        expect(perfect.recall).toBe(Math.min(k, relevant) / relevant)
      }),
    )
  })

  test('every value is in [0, 1], and the forms of one metric are ordered as their denominators', () => {
    fc.assert(
      fc.property(listArbitrary, ({ hits, relevant, k }) => {
        const result = accuracyAt(hits, relevant, k)
        for (const value of Object.values(result)) {
          expect(value).toBeGreaterThanOrEqual(0)
          expect(value).toBeLessThanOrEqual(1)
        }
        expect(result.cappedRecall).toBeGreaterThanOrEqual(result.recall)
        expect(result.cappedRecall).toBeGreaterThanOrEqual(result.precision)
        expect(result.ndcg).toBeGreaterThanOrEqual(result.fullIdealNdcg)
        expect(result.hitRate === 1).toBe(result.reciprocalRank > 0)
      }),
    )
  })

  test('nothing below rank k counts, and to move a hit up never makes a metric smaller', () => {
    fc.assert(
      fc.property(listArbitrary, fc.nat(), ({ hits, relevant, k }, at) => {
        const result = accuracyAt(hits, relevant, k)
        expect(accuracyAt(hits.slice(0, k), relevant, k)).toEqual(result)
        if (hits.length < 2) return
        const place = (at % (hits.length - 1)) + 1
        if (!hits[place] || hits[place - 1]) return
        const moved = hits.with(place - 1, true).with(place, false)
        const better = accuracyAt(moved, relevant, k)
        for (const name of Object.keys(result) as (keyof typeof result)[]) {
          expect(better[name]).toBeGreaterThanOrEqual(result[name] - 1e-12)
        }
      }),
    )
  })

  test.each([
    [[true], 0, 1],
    [[true, true], 1, 2],
    [[true], 1, 0],
    [[true], 1, 1.5],
  ])('refuses %j with %d relevant items at %d', (hits, relevant, k) => {
    expect(() => accuracyAt(hits, relevant, k)).toThrow(RangeError)
  })
})
