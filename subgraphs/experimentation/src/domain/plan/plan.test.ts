import { expect, test } from 'vitest'
import type { SavedGroup } from '../targeting/definitions.ts'
import { type AnalysisPlan, checkPlan, EMPTY_PLAN, type ExclusionList, planHash } from './analysis-plan.ts'
import { type MetricDraft, readExperimentMetrics, validateMetric } from './metric.ts'

const savedGroups = new Map([['staff', savedGroup('staff', 3)]])

function savedGroup(key: string, version: number): SavedGroup {
  return { key, name: key, version, values: ['u-1'], createdBy: 'ann', createdAt: 0 }
}

function staff(version: number): ExclusionList {
  return { savedGroup: 'staff', version }
}

const sequential = { method: 'GROUP_SEQUENTIAL', spending: 'OBRIEN_FLEMING', looks: 4 } as const

test.each<[string, Partial<AnalysisPlan>, string[]]>([
  ['no more than the defaults', {}, []],
  ['a group-sequential method with its bounds', sequential, []],
  ['a group-sequential method without them', { method: 'GROUP_SEQUENTIAL' }, ['spending', 'looks']],
  ['an unknown spending function', { ...sequential, spending: 'MINE' }, ['spending']],
  ['one look', { ...sequential, looks: 1 }, ['looks']],
  ['bounds for another method', { spending: 'POCOCK', looks: 4 }, ['spending', 'looks']],
  ['alpha of 0', { alpha: 0 }, ['alpha']],
  ['alpha of 1', { alpha: 1 }, ['alpha', 'power']],
  ['power below alpha', { alpha: 0.5, power: 0.4 }, ['power']],
  ['NaN', { alpha: Number.NaN }, ['alpha', 'power']],
  ['a segment twice', { segments: ['country', 'country'] }, ['segments']],
  ['a segment that is no name', { segments: ['a b'] }, ['segments']],
  ['a version of a saved group', { exclusions: [staff(1)] }, []],
  ['a saved group twice', { exclusions: [staff(1), staff(2)] }, ['exclusions/1/savedGroup']],
  ['an unknown group', { exclusions: [{ savedGroup: 'bots', version: 1 }] }, ['exclusions/0/savedGroup']],
  ['a version that is yet to come', { exclusions: [staff(4)] }, ['exclusions/0/version']],
  ['version 0', { exclusions: [staff(0)] }, ['exclusions/0/version']],
  ['too many exclusions', { exclusions: Array.from({ length: 21 }, () => staff(1)) }, ['exclusions']],
  ['no sample', { plannedSampleSize: 0 }, ['plannedSampleSize']],
])('a plan with %s has the problems that it has', (_, change, fields) => {
  const problems = checkPlan({ ...EMPTY_PLAN, ...change }, savedGroups)
  expect(problems.map(({ path }) => path.join('/'))).toEqual(fields.map((field) => `plan/${field}`))
})

test('equal plans have equal hashes, and every field counts', () => {
  const hash = planHash(EMPTY_PLAN)
  const shuffled = Object.fromEntries(Object.entries(EMPTY_PLAN).toReversed()) as AnalysisPlan
  expect(planHash(shuffled)).toBe(hash)
  const changes: readonly Partial<AnalysisPlan>[] = [
    sequential,
    { scale: 'ABSOLUTE' },
    { twoSided: false },
    { alpha: 0.01 },
    { power: 0.9 },
    { cuped: true },
    { segments: ['country'] },
    { exclusions: [staff(1)] },
    { exclusions: [staff(2)] },
    { plannedSampleSize: 1 },
    { plannedEnd: 1 },
    { noAnalysis: true },
  ]
  const hashes = changes.map((change) => planHash({ ...EMPTY_PLAN, ...change }))
  expect(new Set([hash, ...hashes]).size).toBe(changes.length + 1)
})

const metric: MetricDraft = {
  key: 'plays',
  name: 'Plays',
  kind: 'COUNT',
  event: 'PLAY',
  windowHours: 168,
  lowerIsBetter: false,
}

test.each<[string, Partial<MetricDraft>, string[]]>([
  ['a count', {}, []],
  ['an event of another service', { event: 'purchase' }, []],
  ['filtered', { filter: { category: { $in: ['jazz'] } } }, []],
  ['filtered by an unknown operator', { filter: { category: { $like: 'jazz' } } }, ['filter']],
  ['a quantile beyond ten-thousandths', { kind: 'QUANTILE', quantile: 0.99999 }, ['quantile']],
  ['a ratio', { kind: 'RATIO', denominatorEvent: 'CLICK' }, []],
  ['a ratio without a denominator', { kind: 'RATIO' }, ['denominatorEvent']],
  ['a denominator without a ratio', { denominatorEvent: 'CLICK' }, ['denominatorEvent']],
  ['a quantile', { kind: 'QUANTILE', quantile: 0.95 }, []],
  ['a quantile of 0', { kind: 'QUANTILE', quantile: 0 }, ['quantile']],
  ['a quantile of 1', { kind: 'QUANTILE', quantile: 1 }, ['quantile']],
  ['a quantile without its position', { kind: 'QUANTILE' }, ['quantile']],
  ['a position without a quantile', { quantile: 0.5 }, ['quantile']],
  ['a window of 0', { windowHours: 0 }, ['windowHours']],
  ['a cap', { kind: 'MEAN', cap: 10 }, []],
  ['a cap at a percentile', { kind: 'MEAN', capPercentile: 0.99 }, []],
  ['two caps', { kind: 'MEAN', cap: 10, capPercentile: 0.99 }, ['capPercentile']],
  ['a cap of 0', { kind: 'MEAN', cap: 0 }, ['cap']],
  ['a cap at the whole', { kind: 'MEAN', capPercentile: 1 }, ['capPercentile']],
  ['a capped proportion', { kind: 'PROPORTION', cap: 1 }, ['cap']],
  ['no name and no key', { key: 'a b', name: '' }, ['key', 'name']],
])('a metric that is %s has the problems that it has', (_, change, fields) => {
  const reading = validateMetric({ ...metric, ...change }, { version: 1, at: 0, by: 'ana' })
  const problems = reading.type === 'valid' ? [] : reading.problems
  expect(problems.map(({ path }) => path[0])).toEqual(fields)
})

test('an experiment names metrics that exist, each once in a role, with margins where they mean something', () => {
  const reading = validateMetric(metric, { version: 3, at: 0, by: 'ana' })
  if (reading.type !== 'valid') throw new Error('the sample is valid')
  const known = new Map([['plays', reading.metric]])
  const plays = { metricKey: 'plays' }
  expect(
    readExperimentMetrics(
      [
        { ...plays, role: 'SUCCESS' },
        { ...plays, role: 'GUARDRAIL', margin: 0.1 },
      ],
      known,
    ),
  ).toEqual({
    metrics: [
      { metricKey: 'plays', metricVersion: 3, role: 'SUCCESS', margin: null },
      { metricKey: 'plays', metricVersion: 3, role: 'GUARDRAIL', margin: 0.1 },
    ],
    problems: [],
  })
  const { problems } = readExperimentMetrics(
    [
      { ...plays, role: 'SUCCESS' },
      { ...plays, role: 'SUCCESS' },
      { metricKey: 'none', role: 'SUCCESS' },
      { ...plays, role: 'QUALITY', margin: 0.1 },
      { ...plays, role: 'GUARDRAIL', margin: 0 },
    ],
    known,
  )
  expect(problems.map(({ path }) => path.slice(1))).toEqual([
    ['1', 'metricKey'],
    ['2', 'metricKey'],
    ['3', 'margin'],
    ['4', 'margin'],
  ])
})
