import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NOON, sampleExperiment, sampleExposure } from '../testing/samples.ts'
import { isCounted, runningIntervals } from './counting.ts'
import type { Experiment, ExperimentStatus } from './experiment.ts'

function changed(
  ...steps: (readonly [from: ExperimentStatus, to: ExperimentStatus, at: number])[]
): Experiment {
  const history = steps.map(([from, to, at]) => ({ from, to, at, by: 'ana', reason: 'test' }))
  return sampleExperiment({ key: 'mix', history })
}

const paused = runningIntervals(
  changed(
    ['DRAFT', 'RUNNING', NOON],
    ['RUNNING', 'PAUSED', NOON + 10],
    ['PAUSED', 'RUNNING', NOON + 20],
    ['RUNNING', 'STOPPED', NOON + 30],
  ),
)

function exposedAt(time: number, overrides: Parameters<typeof sampleExposure>[0] = {}) {
  return sampleExposure({ occurredAt: new Date(time).toISOString(), ...overrides })
}

test('an exposure counts if it occurred while its experiment ran, both ends included', () => {
  const counted = [-1, 0, 10, 11, 19, 20, 30, 31].filter((offset) =>
    isCounted(exposedAt(NOON + offset), NOON + 1_000, paused),
  )
  expect(counted).toEqual([0, 10, 20, 30])
})

test('what never ran counts nothing, and what is running counts on', () => {
  expect(isCounted(exposedAt(NOON), NOON, runningIntervals(changed()))).toBe(false)
  expect(
    isCounted(exposedAt(NOON + 99), NOON + 99, runningIntervals(changed(['DRAFT', 'RUNNING', NOON]))),
  ).toBe(true)
})

test('a stop while paused ends nothing twice, and forced exposures never count', () => {
  const intervals = runningIntervals(
    changed(['DRAFT', 'RUNNING', NOON], ['RUNNING', 'PAUSED', NOON + 10], ['PAUSED', 'STOPPED', NOON + 20]),
  )
  expect(intervals).toEqual([{ from: NOON, to: NOON + 10 }])
  expect(isCounted(exposedAt(NOON, { forced: true }), NOON, intervals)).toBe(false)
})

test('when it arrived does not matter, unless it claims to be from later', () => {
  fc.assert(
    fc.property(fc.nat({ max: 40 }), fc.nat({ max: 1_000 }), (offset, delay) => {
      const event = exposedAt(NOON + offset)
      expect(isCounted(event, NOON + offset + delay, paused)).toBe(isCounted(event, NOON + offset, paused))
    }),
  )
  // A fast clock: it was there before the pause, so it did not occur in it.
  expect(isCounted(exposedAt(NOON + 15), NOON + 5, paused)).toBe(true)
})
