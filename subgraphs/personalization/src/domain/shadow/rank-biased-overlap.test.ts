import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rankBiasedOverlap } from './rank-biased-overlap.ts'

const LIST = fc.uniqueArray(fc.constantFrom(...'abcdefghijklmnop'), { maxLength: 12 })

test.each([
  // (.1 / .9) (1 x .9 + 1/2 x .81 + 3/3 x .729) + 3/3 x .729
  ['two ranks swapped', 'abc', 'acb', 0.9, 0.955],
  // (.5 / .5) (0 + 2/2 x .25) + 2/2 x .25
  ['the same two the other way round', 'ab', 'ba', 0.5, 0.5],
  // (.5 / .5) (1 x .5 + (1 + 1 x 1/1) / 2 x .25) + (0/2 + 1/1) x .25
  ['a list that goes on where the other ends', 'a', 'ab', 0.5, 1],
  // (.5 / .5) (0 + 1/2 x .25 + (1 + 1 x 1/2) / 3 x .125) + (0/3 + 1/2) x .125
  ['a shared item at different ranks of lists of different lengths', 'ab', 'cax', 0.5, 0.25],
  // (.5 / .5) (0 + 1/2 x .25 + (2 + 1 x 1/2) / 3 x .125) + (1/3 + 1/2) x .125
  [
    'the longer list holds the rest of the shorter one further down',
    'ab',
    'cab',
    0.5,
    0.125 + 0.625 / 6 + 0.625 / 6,
  ],
  ['lists that share nothing', 'abc', 'xyz', 0.9, 0],
  ['one empty list', '', 'abc', 0.9, 0],
  ['two empty lists', '', '', 0.9, 1],
])('%s', (_, a, b, persistence, expected) => {
  expect(rankBiasedOverlap([...a], [...b], persistence)).toBeCloseTo(expected, 12)
})

test('it is symmetric, between 0 and 1, and 1 for equal lists', () => {
  fc.assert(
    fc.property(LIST, LIST, (a, b) => {
      const overlap = rankBiasedOverlap(a, b)
      expect(overlap).toBeCloseTo(rankBiasedOverlap(b, a), 12)
      expect(overlap).toBeGreaterThanOrEqual(0)
      expect(overlap).toBeLessThanOrEqual(1)
      expect(rankBiasedOverlap(a, a)).toBeCloseTo(1, 12)
    }),
  )
})

test('to agree higher up counts more', () => {
  const list = [...'abcdefghij']
  const swapped = (at: number) => {
    const other = [...list]
    other[at] = '!'
    return rankBiasedOverlap(list, other)
  }
  for (let at = 1; at < list.length; at++) expect(swapped(at)).toBeGreaterThan(swapped(at - 1))
})
