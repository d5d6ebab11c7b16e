import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NOON, sampleExperiment, sampleExposure } from '../testing/samples.ts'
import { isCounted } from './counting.ts'
import type { Experiment, ExperimentStatus } from './experiment.ts'

function changed(
  ...steps: (readonly [from: ExperimentStatus, to: ExperimentStatus, at: number])[]
): Experiment {
  const history = steps.map(([from, to, at]) => ({ from, to, at, by: 'ana', reason: 'test' }))
  return sampleExperiment({ key: 'mix', history })
}

const paused = changed(
  ['DRAFT', 'RUNNING', NOON],
  ['RUNNING', 'PAUSED', NOON + 10],
  ['PAUSED', 'RUNNING', NOON + 20],
  ['RUNNING', 'STOPPED', NOON + 30],
)

function exposedAt(time: number, overrides: Parameters<typeof sampleExposure>[0] = {}) {
  return sampleExposure({ occurredAt: new Date(time).toISOString(), ...overrides })
}

test('an exposure counts if it occurred while its experiment ran, up to the instant of its end', () => {
  const counted = [-1, 0, 10, 11, 19, 20, 30, 31].filter((offset) =>
    isCounted(exposedAt(NOON + offset), NOON + 1_000, paused),
  )
  expect(counted).toEqual([0, 20])
})

test('what never ran counts nothing, and what is running counts on', () => {
  expect(isCounted(exposedAt(NOON), NOON, changed())).toBe(false)
  expect(isCounted(exposedAt(NOON + 99), NOON + 99, changed(['DRAFT', 'RUNNING', NOON]))).toBe(true)
})

test('forced exposures never count', () => {
  expect(isCounted(exposedAt(NOON, { forced: true }), NOON, paused)).toBe(false)
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
