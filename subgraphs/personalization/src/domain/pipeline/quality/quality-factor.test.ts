import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FULL_QUALITY, nextQualityFactor, QUALITY_STEP, type QualityWindow } from './quality-factor.ts'

const CALM: QualityWindow = { slates: 500, late: 0, closeToLate: 0, busy: 0.5 }
const OVERLOADED: QualityWindow = { slates: 500, late: 400, closeToLate: 450, busy: 1 }

const anyFactor = fc.integer({ min: 1, max: 16 }).map((steps) => steps * QUALITY_STEP)
const anyWindow = fc
  .record({
    slates: fc.integer({ min: 0, max: 5_000 }),
    lateShare: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
    closeShare: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
    busy: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
  })
  .map(({ slates, lateShare, closeShare, busy }): QualityWindow => {
    const closeToLate = Math.floor(slates * closeShare)
    return { slates, closeToLate, late: Math.floor(closeToLate * lateShare), busy }
  })

function after(factor: number, windows: readonly QualityWindow[]): number {
  return windows.reduce(nextQualityFactor, factor)
}

describe('the quality factor', () => {
  test('stays a multiple of its step, between one step and 1, after any windows', () => {
    fc.assert(
      fc.property(anyFactor, fc.array(anyWindow, { maxLength: 30 }), (factor, windows) => {
        const result = after(factor, windows)
        expect(Number.isInteger(result / QUALITY_STEP)).toBe(true)
        expect(result).toBeGreaterThanOrEqual(QUALITY_STEP)
        expect(result).toBeLessThanOrEqual(FULL_QUALITY)
      }),
    )
  })

  test('is halved by each overloaded window, down to a step', () => {
    const factors = [1, 2, 3, 4, 5].map((windows) => after(1, Array(windows).fill(OVERLOADED)))
    expect(factors).toEqual([0.5, 0.25, 0.125, 0.0625, 0.0625])
    expect(nextQualityFactor(5 * QUALITY_STEP, OVERLOADED)).toBe(2 * QUALITY_STEP)
  })

  test('recovers by itself: a step with each calm window, from the least in fifteen', () => {
    expect(nextQualityFactor(QUALITY_STEP, CALM)).toBe(2 * QUALITY_STEP)
    expect(after(QUALITY_STEP, Array(14).fill(CALM))).toBe(FULL_QUALITY - QUALITY_STEP)
    expect(after(QUALITY_STEP, Array(15).fill(CALM))).toBe(FULL_QUALITY)
    expect(nextQualityFactor(FULL_QUALITY, CALM)).toBe(FULL_QUALITY)
  })

  test('stays as it is while slates are close to the target, so that it does not swing', () => {
    expect(nextQualityFactor(0.5, { slates: 500, late: 5, closeToLate: 400, busy: 0.9 })).toBe(0.5)
  })

  test('tolerates one slate in a hundred, and two of a few', () => {
    const late = (count: number, slates: number) => ({ slates, late: count, closeToLate: count, busy: 1 })
    expect(nextQualityFactor(1, late(5, 500))).toBe(1)
    expect(nextQualityFactor(1, late(6, 500))).toBe(0.5)
    expect(nextQualityFactor(1, late(2, 2))).toBe(1)
    expect(nextQualityFactor(1, late(3, 3))).toBe(0.5)
  })

  test('never falls for slates that wait for something else than this process, such as the datastore', () => {
    fc.assert(
      fc.property(anyFactor, anyWindow, (factor, window) => {
        expect(nextQualityFactor(factor, { ...window, busy: 0.74 })).toBeGreaterThanOrEqual(factor)
      }),
    )
    expect(nextQualityFactor(1, { ...OVERLOADED, busy: 0.75 })).toBe(0.5)
  })

  test('of two windows, the one with more late slates never leaves a larger factor', () => {
    fc.assert(
      fc.property(anyFactor, anyWindow, fc.nat({ max: 5_000 }), (factor, window, more) => {
        const late = Math.min(window.closeToLate, window.late + more)
        expect(nextQualityFactor(factor, { ...window, late })).toBeLessThanOrEqual(
          nextQualityFactor(factor, window),
        )
      }),
    )
  })

  test('keeps a process that can do with less width below its target nearly all of the time', () => {
    // A slate costs a fixed part and one that grows with the width; the queue makes it late above 90% utilisation.
    const costMs = (factor: number) => 0.2 + 0.8 * factor
    const slates = 1_400
    let factor = FULL_QUALITY
    let overloaded = 0
    for (let window = 0; window < 200; window++) {
      const busy = (slates * costMs(factor)) / 1_000
      const late = busy > 0.95 ? slates / 2 : 0
      const closeToLate = busy > 0.85 ? slates / 2 : 0
      if (late > 0) overloaded++
      factor = nextQualityFactor(factor, { slates, late, closeToLate, busy: Math.min(1, busy) })
    }
    expect(overloaded).toBeLessThan(20)
    expect(factor).toBeGreaterThan(0.25)
  })
})
