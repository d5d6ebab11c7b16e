import { expect, test } from 'vitest'
import { DAY, MONDAY, sampleExperiment } from '../../testing/samples.ts'
import type { Experiment } from '../experiment.ts'
import { unitsPerDay } from './traffic.ts'

/** One that has run since Monday. */
function running(coverage: number, change: Partial<Experiment> = {}): Experiment {
  const sample = sampleExperiment({ key: 'mix', status: 'RUNNING', startedAt: MONDAY })
  return {
    ...sample,
    versions: [{ version: 1, since: MONDAY, variants: sample.variants, ramp: [{ at: MONDAY, coverage }] }],
    history: [{ from: 'APPROVED', to: 'RUNNING', at: MONDAY, by: 'ana', reason: 'go' }],
    ...change,
  }
}

function rate(experiment: Experiment, units: number, days: number): number | null {
  const asOf = MONDAY + days * DAY
  return unitsPerDay([{ experiment, counted: { units, asOf } }], asOf)
}

test('units a day are those of an experiment that includes everybody', () => {
  expect(rate(running(1), 7_000, 7)).toBeCloseTo(1_000, 9)
  expect(rate(running(0.1), 700, 7)).toBeCloseTo(1_000, 9)
})

test('a first hour does not count as a day with as many units each hour', () => {
  expect(rate(running(1), 100, 1 / 24)).toBeCloseTo(100, 9)
})

test('each step of a ramp, and the share of a layer, counts for as long as it lasted', () => {
  const { variants } = running(1)
  const ramp = [
    { at: MONDAY, coverage: 0.1 },
    { at: MONDAY + 5 * DAY, coverage: 1, layerRange: { from: 0.5, to: 1 } },
  ]
  const ramped = running(1, { versions: [{ version: 1, since: MONDAY, variants, ramp }] })
  // 5 days with a tenth and 4 with a half of all units.
  expect(rate(ramped, 2_500, 9)).toBeCloseTo(1_000, 9)
})

test('a pause brings no units, and does not count', () => {
  const paused = running(1, {
    history: [
      { from: 'APPROVED', to: 'RUNNING', at: MONDAY, by: 'ana', reason: 'go' },
      { from: 'RUNNING', to: 'PAUSED', at: MONDAY + 2 * DAY, by: 'ana', reason: 'wait' },
      { from: 'PAUSED', to: 'RUNNING', at: MONDAY + 8 * DAY, by: 'ana', reason: 'on' },
    ],
  })
  expect(rate(paused, 4_000, 10)).toBeCloseTo(1_000, 9)
})

test('the busiest experiment counts, but none that ended long ago, and none without units', () => {
  const now = MONDAY + 40 * DAY
  const ended = running(1, {
    history: [
      { from: 'APPROVED', to: 'RUNNING', at: MONDAY, by: 'ana', reason: 'go' },
      { from: 'RUNNING', to: 'STOPPED', at: MONDAY + DAY, by: 'ana', reason: 'stop' },
    ],
  })
  const old = { experiment: ended, counted: { units: 1_000_000, asOf: now } }
  const quiet = { experiment: running(1), counted: { units: 40, asOf: now } }
  const busy = { experiment: running(1), counted: { units: 4_000, asOf: now } }
  expect(unitsPerDay([old, quiet, busy], now)).toBeCloseTo(100, 9)
  expect(unitsPerDay([old, { ...busy, counted: { units: 0, asOf: now } }], now)).toBeNull()
  expect(unitsPerDay([], now)).toBeNull()
})
