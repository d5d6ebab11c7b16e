import { expect, test } from 'vitest'
import { DAY, HOUR, NOON, sampleExperiment } from '../testing/samples.ts'
import type { AnalysisPlan } from './plan/analysis-plan.ts'
import { EMPTY_PLAN } from './plan/analysis-plan.ts'
import { dueLooks, MISSED_MS, SETTLE_MS } from './scheduled-looks.ts'

const MIDNIGHT = NOON + 12 * HOUR

function running(plan: Partial<AnalysisPlan> = {}) {
  const status: 'RUNNING' = 'RUNNING'
  return {
    ...sampleExperiment({ key: 'mix' }),
    status,
    startedAt: NOON,
    stoppedAt: null,
    plan: { ...EMPTY_PLAN, ...plan },
  }
}

function cutoffs(experiment: Parameters<typeof dueLooks>[0], now: number): readonly string[] {
  return dueLooks(experiment, 2 * DAY, now).map(({ reason, cutoff }) => `${reason} ${(cutoff - NOON) / HOUR}`)
}

test('a running experiment is looked at once for each day, when what is late has had its time', () => {
  expect(cutoffs(running(), MIDNIGHT + SETTLE_MS - 1)).toEqual([])
  expect(cutoffs(running(), MIDNIGHT + SETTLE_MS)).toEqual(['daily 12'])
  expect(cutoffs(running(), MIDNIGHT + DAY)).toEqual(['daily 12'])
  expect(cutoffs(running(), MIDNIGHT + DAY + SETTLE_MS)).toEqual(['daily 36'])
  expect(cutoffs({ ...running(), status: 'PAUSED' }, MIDNIGHT + DAY)).toEqual(['daily 12'])
})

test('and at its planned looks', () => {
  const plannedEnd = NOON + 40 * HOUR
  expect(cutoffs(running({ plannedEnd }), plannedEnd + HOUR)).toEqual(['daily 36', 'planned 40'])
  const sequential = running({ method: 'GROUP_SEQUENTIAL', looks: 4, spending: 'POCOCK', plannedEnd })
  expect(cutoffs(sequential, NOON + 9 * HOUR)).toEqual([])
  expect(cutoffs(sequential, NOON + 11 * HOUR)).toEqual(['planned 10'])
  expect(cutoffs(sequential, NOON + 21 * HOUR)).toEqual(['daily 12', 'planned 20'])
  // A planned look at midnight is one look.
  expect(cutoffs(running({ plannedEnd: MIDNIGHT }), MIDNIGHT + HOUR)).toEqual(['daily 12'])
})

test('a stopped one once more, when its last windows are over, and not long afterwards', () => {
  const stopped = { ...running(), status: 'STOPPED' as const, stoppedAt: NOON + HOUR }
  const end = NOON + HOUR + 2 * DAY
  expect(cutoffs(stopped, end + SETTLE_MS - 1)).toEqual([])
  expect(cutoffs(stopped, end + SETTLE_MS)).toEqual(['stopped 49'])
  expect(cutoffs(stopped, end + MISSED_MS)).toEqual([])
  expect(cutoffs({ ...running(), status: 'DRAFT', startedAt: null }, end)).toEqual([])
})
