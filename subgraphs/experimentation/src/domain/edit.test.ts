import { expect, test } from 'vitest'
import { sampleDraft } from '../testing/samples.ts'
import { type ExperimentEdit, editExperiment } from './edit.ts'
import type { Experiment } from './experiment.ts'
import { EMPTY_PLAN } from './plan/analysis-plan.ts'
import { altersAssignment } from './publishing.ts'
import { reviewExperiment, takeStep } from './steps.ts'
import { NO_TARGETING } from './targeting/definitions.ts'
import { validateExperiment } from './validate-experiment.ts'

const facts = { at: 50, by: 'ed', reason: 'r' }

function draft(): Experiment {
  const reading = validateExperiment(sampleDraft({ coverage: 0.5 }), { at: 0, by: 'ana' })
  if (reading.type !== 'valid') throw new Error('the sample is invalid')
  return reading.experiment
}

function expectChanged(result: ReturnType<typeof editExperiment>): Experiment {
  if (result.type !== 'changed') throw new Error(JSON.stringify(result.refusal))
  return result.experiment
}

function running(): Experiment {
  return expectChanged(takeStep(draft(), 'start', { at: 10, by: 'ana', reason: 'r' }, 0))
}

function edit(experiment: Experiment, change: ExperimentEdit) {
  return editExperiment(experiment, change, facts, {
    quorum: 1,
    metrics: new Map(),
    targeting: NO_TARGETING,
    listed: () => [],
  })
}

const [control, treatment] = sampleDraft().variants
if (control === undefined || treatment === undefined) throw new Error('the sample has two variants')
const otherWeights = [
  { ...control, weight: 0.25 },
  { ...treatment, weight: 0.75 },
]
const otherPayload = [control, { ...treatment, payload: { diversity: { maxPerCreator: 3 } } }]
const otherNames = [{ ...control, name: 'C' }, treatment]
const otherKey = [control, { ...treatment, key: 'new' }]

test('a draft takes every edit, and who has edited it is one of its authors', () => {
  const edited = expectChanged(
    edit(draft(), {
      name: 'N',
      hypothesis: 'H',
      coverage: 0.1,
      variants: otherWeights,
      plan: { ...EMPTY_PLAN, alpha: 0.01 },
    }),
  )
  expect(edited).toMatchObject({
    status: 'DRAFT',
    name: 'N',
    hypothesis: 'H',
    coverage: 0.1,
    plan: { alpha: 0.01 },
    revision: 2,
    version: 1,
    authors: ['ana', 'ed'],
  })
  expect(altersAssignment(draft(), edited)).toBe(false)
})

test('an edit sends what was submitted or approved back to its draft', () => {
  const submitted = expectChanged(takeStep(draft(), 'submit', { at: 1, by: 'ana', reason: 'r' }, 1))
  const approved = expectChanged(reviewExperiment(submitted, true, { at: 2, by: 'ben', reason: 'r' }, 1))
  for (const experiment of [submitted, approved]) {
    expect(expectChanged(edit(experiment, { name: 'N' }))).toMatchObject({
      status: 'DRAFT',
      name: 'N',
      revision: experiment.revision + 1,
    })
  }
})

test.each([
  ['weights', { variants: otherWeights }],
  ['a payload', { variants: otherPayload }],
  ['a variant', { variants: otherKey }],
  ['another condition', { condition: { country: 'SE' } }],
  ['less coverage', { coverage: 0.4 }],
  ['more coverage beside a payload', { coverage: 0.6, variants: otherPayload }],
])('after the start %s makes a new version that keeps the old one', (_, change) => {
  const before = running()
  const edited = expectChanged(edit(before, change))
  expect(edited).toMatchObject({ status: 'RUNNING', version: 2, revision: before.revision + 1 })
  expect(edited.versions).toEqual([
    ...before.versions,
    { version: 2, since: 50, variants: edited.variants, ramp: [{ at: 50, coverage: edited.coverage }] },
  ])
  expect(altersAssignment(before, edited)).toBe(true)
})

test('after the start more coverage is a step of the ramp, in the same version', () => {
  const before = running()
  const edited = expectChanged(edit(before, { coverage: 0.75 }))
  expect(edited).toMatchObject({ version: 1, coverage: 0.75 })
  expect(edited.versions).toMatchObject([
    {
      version: 1,
      since: 10,
      ramp: [
        { at: 10, coverage: 0.5 },
        { at: 50, coverage: 0.75 },
      ],
    },
  ])
  expect(altersAssignment(before, edited)).toBe(true)
})

test('after the start texts change without a new version, and without a snapshot', () => {
  const before = running()
  const edited = expectChanged(edit(before, { name: 'N', hypothesis: 'H', variants: otherNames }))
  expect(edited).toMatchObject({ version: 1, name: 'N', variants: [{ name: 'C' }, {}] })
  expect(altersAssignment(before, edited)).toBe(false)
})

test('after the start plan and metrics are frozen', () => {
  expect(edit(running(), { plan: { ...EMPTY_PLAN, alpha: 0.2 } })).toEqual({
    type: 'refused',
    refusal: { type: 'frozen', fields: ['plan'] },
  })
  const metrics = [{ metricKey: 'plays', metricVersion: 1, role: 'SUCCESS', margin: null }] as const
  expect(edit({ ...running(), plan: EMPTY_PLAN, metrics }, { metrics: [], name: 'N' })).toMatchObject({
    refusal: { type: 'frozen', fields: ['metrics'] },
  })
  // Sent again as it is, it changes nothing.
  expect(edit(running(), { plan: running().plan, name: 'N' }).type).toBe('changed')
})

test('what ends is not edited', () => {
  for (const status of ['STOPPED', 'DECIDED', 'ARCHIVED'] as const) {
    expect(edit({ ...running(), status }, { name: 'N' })).toMatchObject({
      refusal: { type: 'illegal-transition', action: 'edit', from: status },
    })
  }
})

test('every problem of an edit is reported, and an edit that changes nothing is one', () => {
  expect(edit(draft(), { name: '', coverage: 2, variants: [control] })).toMatchObject({
    refusal: { problems: [{ path: ['name'] }, { path: ['coverage'] }, { path: ['variants'] }] },
  })
  expect(edit(draft(), { metrics: [{ metricKey: 'none', role: 'SUCCESS' }] })).toMatchObject({
    refusal: { problems: [{ path: ['metrics', '0', 'metricKey'] }, { path: ['plan', 'noAnalysis'] }] },
  })
  expect(edit(draft(), { condition: { $inGroup: 'none', country: { $foo: 1 } } })).toMatchObject({
    refusal: { type: 'invalid-input' },
  })
  expect(edit(draft(), { name: draft().name })).toMatchObject({ refusal: { problems: [{ path: [] }] } })
})

test('versions are bounded', () => {
  let experiment = running()
  for (let version = 2; version <= 50; version++) {
    experiment = expectChanged(edit(experiment, { coverage: experiment.coverage * 0.9 }))
  }
  expect(experiment.versions).toHaveLength(50)
  expect(edit(experiment, { coverage: 0.0001 })).toMatchObject({ refusal: { type: 'too-many-changes' } })
  expect(edit(experiment, { name: 'N' }).type).toBe('changed')
})
