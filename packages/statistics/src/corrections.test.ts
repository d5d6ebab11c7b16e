import fc from 'fast-check'
import { expect, test } from 'vitest'
import { benjaminiHochberg, bonferroni, holm } from './corrections.ts'
import { answer } from './testing/sums.ts'

/** statsmodels 0.15, stats/tests/test_multi.py: pval0 and the results of R's multtest, in the order of pval0. */
const RAW = [
  0.838541367553, 0.642193923795, 0.680845947633, 0.967833824309, 0.71626938238, 0.177096952723,
  5.23656777208e-5, 0.0202732688798, 0.00028140506198, 0.0149877310796,
]
const R_BONFERRONI = [1, 1, 1, 1, 1, 1, 5.23656777208e-4, 0.202732688798, 2.8140506198e-3, 0.149877310796]
const R_HOLM = [1, 1, 1, 1, 1, 1, 5.23656777208e-4, 0.1419128821586, 2.53264555782e-3, 0.1199018486368]
const R_BH = [
  0.931712630614444, 0.8953367279750001, 0.8953367279750001, 0.967833824309, 0.8953367279750001,
  0.354193905446, 5.23656777208e-4, 0.0506831721995, 1.4070253099e-3, 0.04995910359866667,
]

test.each([
  ['Bonferroni', bonferroni, R_BONFERRONI],
  ['Holm', holm, R_HOLM],
  ['Benjamini-Hochberg', benjaminiHochberg, R_BH],
] as const)("%s agrees with R's multtest", (_, correct, expected) => {
  for (const [index, p] of answer(correct(RAW)).entries()) expect(p).toBeCloseTo(expected[index]!, 12)
})

test('adjusted p-values are at least the raw ones, in their order, and at most 1', () => {
  const arbitraryP = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 0.01, 0.5, 1))
  fc.assert(
    fc.property(fc.array(arbitraryP, { maxLength: 20 }), (raw) => {
      const [all, stepDown, rate] = [bonferroni, holm, benjaminiHochberg].map((correct) =>
        answer(correct(raw)),
      )
      for (const [index, p] of raw.entries()) {
        for (const adjusted of [all, stepDown, rate]) {
          expect(adjusted![index]).toBeGreaterThanOrEqual(p)
          expect(adjusted![index]).toBeLessThanOrEqual(1)
          for (const [other, q] of raw.entries()) {
            if (p <= q) expect(adjusted![index]).toBeLessThanOrEqual(adjusted![other]!)
          }
        }
        expect(stepDown![index]).toBeLessThanOrEqual(all![index]!)
        expect(rate![index]).toBeLessThanOrEqual(stepDown![index]! * (1 + 1e-12))
      }
    }),
  )
})

test('a single test is not corrected, and none is no problem', () => {
  for (const correct of [bonferroni, holm, benjaminiHochberg]) {
    expect(correct([0.03])).toEqual([0.03])
    expect(correct([])).toEqual([])
  }
})

test.each([-0.1, 1.1, Number.NaN])('%f is no p-value', (p) => {
  for (const correct of [bonferroni, holm, benjaminiHochberg]) {
    expect(correct([0.5, p])).toEqual({ refused: 'invalid-input' })
  }
})
