import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addToSketch, countDistinct, emptySketch, mergeSketches } from './distinct-sketch.ts'

function sketchOf(ids: readonly string[]) {
  const sketch = emptySketch()
  for (const id of ids) addToSketch(sketch, id)
  return sketch
}

function ids(count: number, prefix = 'item'): readonly string[] {
  return Array.from({ length: count }, (_, at) => `${prefix}-${at}`)
}

test.each([0, 1, 10, 100, 1_000, 10_000, 30_000, 200_000])(
  '%i distinct items are counted within 5 %%',
  (count) => {
    const counted = countDistinct(sketchOf(ids(count)))
    expect(Math.abs(counted - count)).toBeLessThanOrEqual(0.05 * count)
  },
)

test('an item counts once, and a merge counts what both have once', () => {
  const some = sketchOf([...ids(100), ...ids(100)])
  expect(some).toEqual(sketchOf(ids(100)))
  expect(mergeSketches(some, sketchOf(ids(150)))).toEqual(sketchOf(ids(150)))
})

test('merging is associative and commutative, and nothing is lost by merging with oneself', () => {
  const sketches = fc.array(fc.string({ maxLength: 8 }), { maxLength: 30 }).map(sketchOf)
  fc.assert(
    fc.property(sketches, sketches, sketches, (a, b, c) => {
      expect(mergeSketches(a, mergeSketches(b, c))).toEqual(mergeSketches(mergeSketches(a, b), c))
      expect(mergeSketches(a, b)).toEqual(mergeSketches(b, a))
      expect(mergeSketches(a, a)).toEqual(a)
    }),
    { numRuns: 30 },
  )
})
