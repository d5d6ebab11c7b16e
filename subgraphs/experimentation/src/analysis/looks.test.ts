import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CompletedCounts } from '../read-model/port.ts'
import { sampleMetric } from '../testing/sample-metrics.ts'
import { findLooks, longestWindowMs } from './looks.ts'

const DAY = 86_400_000
const PLAN = { looks: 4, plannedSampleSize: 1_000 }

function completed(...units: readonly number[]): CompletedCounts[] {
  return units.map((count, day) => ({ day: day * DAY, units: BigInt(count) }))
}

function daysAndUnits(counts: readonly CompletedCounts[], plan = PLAN): (readonly [number, number])[] {
  return findLooks(counts, plan).map(({ cutoff, units }) => [cutoff / DAY, units])
}

test('a look is the first day that has its share of the planned sample', () => {
  expect(daysAndUnits(completed(100, 149, 1, 200, 50, 300, 250))).toEqual([
    [2, 250],
    [4, 500],
    [5, 800],
    [6, 1_050],
  ])
})

test('a day that reaches two looks is one, and the next is due at its own share', () => {
  expect(daysAndUnits(completed(600, 100, 60))).toEqual([
    [0, 600],
    [2, 760],
  ])
})

test('the look that reaches the sample is the last one, with whatever it has', () => {
  expect(findLooks(completed(900, 400, 400), PLAN)).toEqual([
    { cutoff: 0, units: 900, fraction: 0.9 },
    { cutoff: DAY, units: 1_300, fraction: 1.3 },
  ])
})

test('units that were left out again count no more, and a look that was taken stays', () => {
  expect(daysAndUnits(completed(250, -10, 200, 60))).toEqual([
    [0, 250],
    [3, 500],
  ])
})

test('a look with hardly any new information waits for the next day', () => {
  const plan = { looks: 2, plannedSampleSize: 100_000 }
  // At 99,999 of 100,000 the first look is due; one unit more is no look of its own.
  expect(daysAndUnits(completed(99_999, 1, 0, 30), plan)).toEqual([
    [0, 99_999],
    [3, 100_030],
  ])
})

test('without a planned sample there are no looks', () => {
  expect(findLooks(completed(1_000), { looks: 4, plannedSampleSize: null })).toEqual([])
})

test('later days change no look before them, and information grows from look to look', () => {
  const days = fc.array(fc.integer({ min: -20, max: 200 }), { maxLength: 30 })
  fc.assert(
    fc.property(
      days,
      fc.integer({ min: 2, max: 20 }),
      fc.integer({ min: 1, max: 2_000 }),
      (units, looks, n) => {
        const plan = { looks, plannedSampleSize: n }
        const all = findLooks(completed(...units), plan)
        for (const [day] of units.entries()) {
          const before = findLooks(completed(...units.slice(0, day + 1)), plan)
          expect(all.slice(0, before.length)).toEqual(before)
          expect(all.slice(before.length).every(({ cutoff }) => cutoff > day * DAY)).toBe(true)
        }
        for (const [index, { fraction }] of all.entries()) {
          expect(fraction).toBeGreaterThan(all[index - 1]?.fraction ?? 0)
          expect(fraction >= 1).toBe(index === all.length - 1 && fraction >= 1)
        }
        expect(all.length).toBeLessThanOrEqual(looks)
      },
    ),
  )
})

test('a unit is complete after the longest window', () => {
  const metrics = [24, 168, 1].map((windowHours) => ({
    definition: sampleMetric({ windowHours }),
    role: 'SUCCESS' as const,
    margin: null,
  }))
  expect(longestWindowMs(metrics)).toBe(7 * DAY)
  expect(longestWindowMs([])).toBe(0)
})
