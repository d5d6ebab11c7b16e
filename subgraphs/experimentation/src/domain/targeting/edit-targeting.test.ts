import { expect, test } from 'vitest'
import { sampleGroup, sampleLayer } from '../../testing/sample-targeting.ts'
import { sampleDraft } from '../../testing/samples.ts'
import { type ExperimentEdit, editExperiment } from '../edit.ts'
import type { Experiment } from '../experiment.ts'
import { altersAssignment } from '../publishing.ts'
import { takeStep } from '../steps.ts'
import { type ExperimentDraft, validateExperiment } from '../validate-experiment.ts'
import { toTargeting } from './definitions.ts'

const context = {
  targeting: toTargeting([
    { kind: 'layer', value: sampleLayer() },
    { kind: 'savedGroup', value: sampleGroup() },
  ]),
  listed: () => [],
}

function draft(overrides: Partial<ExperimentDraft> = {}): Experiment {
  const reading = validateExperiment(sampleDraft(overrides), { at: 0, by: 'ana' }, new Map(), context)
  if (reading.type !== 'valid') throw new Error(JSON.stringify(reading.problems))
  return reading.experiment
}

function changed(result: ReturnType<typeof editExperiment>): Experiment {
  if (result.type !== 'changed') throw new Error(JSON.stringify(result.refusal))
  return result.experiment
}

function edit(experiment: Experiment, change: ExperimentEdit) {
  const facts = { at: 50, by: 'ed', reason: 'r' }
  return editExperiment(experiment, change, facts, { ...context, quorum: 1, metrics: new Map() })
}

const targeted: Partial<ExperimentDraft> = {
  layer: 'ranking',
  layerRange: { from: 0.25, to: 0.5 },
  coverage: 0.5,
  condition: { userId: { $inGroup: 'staff' } },
  forced: [{ unit: 'qa', variantKey: 'treatment' }],
  prerequisites: [{ experimentKey: 'other' }],
}
const running = changed(takeStep(draft(targeted), 'start', { at: 10, by: 'ana', reason: 'r' }, 0))

test('a draft keeps its targeting, and takes every edit of it', () => {
  expect(draft(targeted)).toMatchObject({
    layer: { key: 'ranking', from: 0.25, to: 0.5 },
    condition: { userId: { $inGroup: 'staff' } },
    forced: [{ unit: 'qa', variantKey: 'treatment' }],
    prerequisites: [{ experimentKey: 'other', variantKeys: null }],
  })
  const edited = changed(edit(draft(targeted), { layerRange: { from: 0, to: 0.1 }, condition: {} }))
  expect(edited).toMatchObject({ version: 1, layer: { from: 0, to: 0.1 }, condition: null })
})

test('the start records the range with the coverage', () => {
  expect(running.versions).toMatchObject([
    { version: 1, ramp: [{ at: 10, coverage: 0.5, layerRange: { from: 0.25, to: 0.5 } }] },
  ])
})

test.each<[string, ExperimentEdit]>([
  ['another condition', { condition: { country: 'NL' } }],
  ['no condition', { condition: {} }],
  ['other prerequisites', { prerequisites: [] }],
  ['a narrower range', { layerRange: { from: 0.25, to: 0.4999 } }],
  ['a range elsewhere', { layerRange: { from: 0.2501, to: 0.6 } }],
])('after the start, %s makes a new version, which is in the seed', (_, change) => {
  const edited = changed(edit(running, change))
  expect(edited.version).toBe(2)
  expect(edited.versions.map(({ version, since }) => [version, since])).toEqual([
    [1, 10],
    [2, 50],
  ])
  expect(altersAssignment(running, edited)).toBe(true)
})

test('a wider range is a step of the ramp', () => {
  const edited = changed(edit(running, { layerRange: { from: 0.2, to: 0.5 } }))
  expect(edited).toMatchObject({ version: 1, layer: { key: 'ranking', from: 0.2, to: 0.5 } })
  expect(edited.versions[0]?.ramp).toEqual([
    { at: 10, coverage: 0.5, layerRange: { from: 0.25, to: 0.5 } },
    { at: 50, coverage: 0.5, layerRange: { from: 0.2, to: 0.5 } },
  ])
  expect(altersAssignment(running, edited)).toBe(true)
})

test('who is forced changes within a version, since forced units are never counted', () => {
  const edited = changed(edit(running, { forced: [] }))
  expect(edited).toMatchObject({ version: 1, forced: [] })
  expect(edited.versions[0]?.ramp).toHaveLength(1)
  expect(altersAssignment(running, edited)).toBe(true)
})

test('variants that units are forced into cannot go', () => {
  const [control, treatment] = sampleDraft().variants
  if (control === undefined || treatment === undefined) throw new Error('the sample has two variants')
  const variants = [control, { ...treatment, key: 'new' }]
  expect(edit(running, { variants })).toMatchObject({
    refusal: { problems: [{ path: ['forced', '0', 'variantKey'] }] },
  })
  expect(changed(edit(running, { variants, forced: [] })).version).toBe(2)
})

test('the same targeting again changes nothing', () => {
  expect(edit(running, { condition: targeted.condition, layerRange: { from: 0.25, to: 0.5 } })).toMatchObject(
    {
      refusal: { problems: [{ message: 'The edit changes nothing' }] },
    },
  )
})
