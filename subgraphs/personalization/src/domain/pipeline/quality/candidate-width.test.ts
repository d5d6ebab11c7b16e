import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_SLATE_SIZE } from '../query.ts'
import { candidateWidth } from './candidate-width.ts'

const anyRequest = {
  size: fc.integer({ min: 1, max: MAX_SLATE_SIZE }),
  excluded: fc.integer({ min: 0, max: 1_000 }),
}
const anyFactor = fc.double({ min: 0, max: 1, minExcluded: true, noNaN: true })

function full(size: number, excluded: number) {
  return candidateWidth({ size, excluded, qualityFactor: 1 })
}

describe('the candidate width', () => {
  test.each([
    [1, 80],
    [20, 80],
    [21, 84],
    [500, 2_000],
  ])('for %d items is %d, whatever is excluded', (size, width) => {
    expect(full(size, 0)).toEqual({ width, isReduced: false })
    expect(full(size, 1_000)).toEqual({ width, isReduced: false })
  })

  test('is never less than the slate can need, nor more than the full one, and says when it is less than that', () => {
    fc.assert(
      fc.property(fc.record({ ...anyRequest, qualityFactor: anyFactor }), (options) => {
        const { width, isReduced } = candidateWidth(options)
        const most = full(options.size, options.excluded).width
        expect(width).toBeGreaterThanOrEqual(Math.min(most, options.size + options.excluded))
        expect(width).toBeLessThanOrEqual(most)
        expect(isReduced).toBe(width < most)
        expect(Number.isInteger(width)).toBe(true)
      }),
    )
  })

  test('grows with the factor', () => {
    fc.assert(
      fc.property(fc.record(anyRequest), anyFactor, anyFactor, (request, one, other) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)].map(
          (qualityFactor) => candidateWidth({ ...request, qualityFactor }).width,
        )
        expect(less).toBeLessThanOrEqual(more ?? 0)
      }),
    )
    expect(candidateWidth({ size: 20, excluded: 0, qualityFactor: 1 / 16 })).toEqual({
      width: 20,
      isReduced: true,
    })
    expect(candidateWidth({ size: 20, excluded: 10, qualityFactor: 0.5 }).width).toBe(40)
    expect(candidateWidth({ size: 20, excluded: 10, qualityFactor: 1 / 16 }).width).toBe(30)
  })
})
