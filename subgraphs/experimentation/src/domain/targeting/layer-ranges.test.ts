import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sampleExperiment } from '../../testing/samples.ts'
import type { Experiment } from '../experiment.ts'
import { checkLayerRange, findLayerConflict, largestFreeRange, layerAllocations } from './layer-ranges.ts'

const STEPS = 10_000

/** @param from ten-thousandths, as `to` */
function holding(key: string, from: number, to: number, layer = 'ranking'): Experiment {
  return sampleExperiment({
    key,
    status: 'RUNNING',
    layer: { key: layer, from: from / STEPS, to: to / STEPS },
  })
}

const ranges = fc
  .tuple(fc.nat(STEPS), fc.nat(STEPS))
  .filter(([a, b]) => a !== b)
  .map(([a, b]) => (a < b ? ([a, b] as const) : ([b, a] as const)))

/** Disjoint ranges with gaps. */
const disjoint = fc
  .uniqueArray(fc.nat(STEPS), { minLength: 2, maxLength: 12 })
  .map((borders) => borders.toSorted((a, b) => a - b))
  .map((borders) =>
    Array.from({ length: Math.floor(borders.length / 2) }, (_, index) => {
      const [from = 0, to = 0] = borders.slice(2 * index)
      return holding(`e${index}`, from, to)
    }),
  )

describe('two experiments of one layer', () => {
  test('conflict exactly where they share a position', () => {
    fc.assert(
      fc.property(ranges, ranges, ([a, b], [c, d]) => {
        const share = Math.max(a, c) < Math.min(b, d)
        const conflict = findLayerConflict(holding('new', a, b), [holding('old', c, d)])
        expect(conflict !== null).toBe(share)
      }),
    )
  })

  test('may meet at a border, but not share one step', () => {
    const old = holding('old', 2_500, 5_000)
    expect(findLayerConflict(holding('new', 5_000, 7_500), [old])).toBeNull()
    expect(findLayerConflict(holding('new', 0, 2_500), [old])).toBeNull()
    expect(findLayerConflict(holding('new', 4_999, 7_500), [old])).toEqual({
      type: 'layer-conflict',
      layer: 'ranking',
      holders: [{ experimentKey: 'old', from: 0.25, to: 0.5 }],
    })
    expect(findLayerConflict(holding('new', 0, 2_501), [old])).not.toBeNull()
  })

  test('do not conflict with themselves, with other layers, or outside any', () => {
    const one = holding('one', 0, STEPS)
    expect(findLayerConflict(one, [one])).toBeNull()
    expect(findLayerConflict(holding('two', 0, STEPS, 'retrieval'), [one])).toBeNull()
    expect(findLayerConflict(sampleExperiment({ key: 'two' }), [one])).toBeNull()
    expect(findLayerConflict(holding('two', 0, STEPS), [sampleExperiment({ key: 'free' })])).toBeNull()
  })
})

test('allocations cover a layer without gap or overlap, and name every holder', () => {
  fc.assert(
    fc.property(disjoint, (listed) => {
      const allocations = layerAllocations('ranking', [...listed, holding('other', 0, STEPS, 'retrieval')])
      expect(allocations[0]?.from).toBe(0)
      expect(allocations.at(-1)?.to).toBe(1)
      for (const [index, { from, to }] of allocations.entries()) {
        expect(from).toBeLessThan(to)
        if (index > 0) expect(from).toBe(allocations[index - 1]?.to)
      }
      const held = allocations.flatMap(({ experiment }) => (experiment === null ? [] : [experiment.key]))
      expect(held.toSorted()).toEqual(listed.map(({ key }) => key).toSorted())
    }),
  )
})

test('the largest free range conflicts with nobody, and no other is larger', () => {
  fc.assert(
    fc.property(disjoint, (listed) => {
      const free = largestFreeRange('ranking', listed)
      if (free === null) {
        expect(layerAllocations('ranking', listed).every(({ experiment }) => experiment !== null)).toBe(true)
        return
      }
      const taking = sampleExperiment({ key: 'new', layer: { key: 'ranking', ...free } })
      expect(findLayerConflict(taking, listed)).toBeNull()
      for (const { from, to, experiment } of layerAllocations('ranking', listed)) {
        if (experiment === null) expect(to - from).toBeLessThanOrEqual(free.to - free.from)
      }
    }),
  )
  expect(largestFreeRange('ranking', [])).toEqual({ from: 0, to: 1 })
  expect(largestFreeRange('ranking', [holding('all', 0, STEPS)])).toBeNull()
  expect(largestFreeRange('ranking', [holding('middle', 4_000, 6_000)])).toEqual({ from: 0, to: 0.4 })
})

test.each([
  [{ from: 0, to: 1 }, null],
  [{ from: 0.3333, to: 0.6667 }, null],
  [{ from: 0.33333, to: 0.5 }, 'is finer than ten-thousandths, the steps of hash version 2'],
  [{ from: 0.5, to: 0.5 }, 'is not a range within 0 and 1'],
  [{ from: 0.5, to: 0.25 }, 'is not a range within 0 and 1'],
  [{ from: -0.1, to: 0.5 }, 'is not a range within 0 and 1'],
  [{ from: 0.5, to: 1.0001 }, 'is not a range within 0 and 1'],
  [{ from: Number.NaN, to: 1 }, 'is not a range within 0 and 1'],
])('the range %o: %s', (range, message) => {
  expect(checkLayerRange(range)).toEqual(message === null ? [] : [{ path: ['layerRange'], message }])
})
