import { expect, test } from 'vitest'
import { sampleExperiment } from '../../testing/samples.ts'
import type { Variant } from '../experiment.ts'
import { type DecisionAnalysis, type DecisionDraft, decisionRecord, validateDecision } from './deciding.ts'

function variant(key: string, modelVersionId: string): Variant {
  return { key, name: key, weight: 0.5, payload: { modelVersionId }, isControl: key === 'control' }
}

const experiment = sampleExperiment({
  key: 'mix',
  status: 'STOPPED',
  variants: [variant('control', 'm1'), variant('treatment', 'm2')],
})
const artefactHashes = new Map([['m2', 'ab'.repeat(32)]])

function decide(draft: Partial<DecisionDraft>, analysis: DecisionAnalysis | null = null) {
  const made = { at: 5, by: 'ana', artefactHashes, analysis }
  return validateDecision(
    { outcome: 'SHIP', variantKey: 'treatment', rationale: 'r', ...draft },
    experiment,
    made,
  )
}

test('a decision speaks of the model version that its variant serves, and of that version’s artefact', () => {
  const reading = decide({})
  expect(reading).toMatchObject({
    decision: { modelVersionId: 'm2', artefactHash: 'ab'.repeat(32), decidedBy: 'ana', decidedAt: 5 },
  })
  expect(decide({ modelVersionId: 'm2' })).toEqual(reading)
  if (reading.type !== 'valid') throw new Error('it is valid')
  expect(decisionRecord(experiment, reading.decision)).toMatchObject({
    modelVersionId: 'm2',
    artefactHash: 'ab'.repeat(32),
    decidedAt: '1970-01-01T00:00:00.005Z',
    reviewedBy: [],
  })
})

test.each<[string, Partial<DecisionDraft>, string]>([
  ['a variant that does not exist', { variantKey: 'none' }, 'variantKey'],
  ['a SHIP without a variant', { variantKey: null }, 'variantKey'],
  ['a model version that no variant serves', { modelVersionId: 'm3' }, 'modelVersionId'],
  ['the model version of another variant', { modelVersionId: 'm1' }, 'modelVersionId'],
  ['an analysis that is not stored', { analysisId: 'a1' }, 'analysisId'],
  ['no rationale', { rationale: ' ' }, 'rationale'],
])('%s is refused', (_, draft, field) => {
  expect(decide(draft)).toMatchObject({ type: 'invalid-input', problems: [{ path: [field] }] })
})

const RECIPE = {
  algorithm: 'ease',
  parameters: { lambda: 458 },
  dataSource: 'stored interactions',
  codeVersion: 'ease/1',
}

test('a SHIP that binds a recipe is signed with it', () => {
  const reading = decide({ recipe: RECIPE })
  if (reading.type !== 'valid') throw new Error('it is valid')
  expect(decisionRecord(experiment, reading.decision).recipe).toEqual(RECIPE)
  const without = decide({ recipe: null })
  if (without.type !== 'valid') throw new Error('it is valid')
  expect(Object.keys(decisionRecord(experiment, without.decision))).not.toContain('recipe')
})

test.each<[string, Partial<DecisionDraft>, readonly string[]]>([
  [
    'that cannot be read',
    { recipe: { ...RECIPE, parameters: { lambda: 'x' } } },
    ['recipe', 'parameters', 'lambda'],
  ],
  ['of a decision that ships nothing', { outcome: 'ROLLBACK', recipe: RECIPE }, ['recipe']],
])('a recipe %s is refused', (_, draft, path) => {
  expect(decide(draft)).toMatchObject({ type: 'invalid-input', problems: [{ path }] })
})

const ANALYSIS = { id: 'a1', hash: 'cd'.repeat(32), experimentKey: 'mix', experimentVersion: 1 }

test('a decision that names an analysis is signed with its hash', () => {
  const reading = decide({ analysisId: 'a1' }, ANALYSIS)
  if (reading.type !== 'valid') throw new Error('it is valid')
  expect(reading.decision.analysis).toEqual({ id: 'a1', hash: ANALYSIS.hash })
  expect(decisionRecord(experiment, reading.decision).analysisHash).toBe(ANALYSIS.hash)
  const without = decide({})
  if (without.type !== 'valid') throw new Error('it is valid')
  expect(Object.keys(without.decision)).not.toContain('analysis')
  expect(decisionRecord(experiment, without.decision).analysisHash).toBeNull()
})

test.each([
  ['another experiment', { experimentKey: 'other' }, 'is an analysis of another experiment'],
  [
    'another version',
    { experimentVersion: 2 },
    'is an analysis of version 2, and the experiment is at version 1',
  ],
])('an analysis of %s is refused', (_, changes, message) => {
  expect(decide({ analysisId: 'a1' }, { ...ANALYSIS, ...changes })).toEqual({
    type: 'invalid-input',
    problems: [{ path: ['analysisId'], message }],
  })
})

test('a decision not to ship needs no variant', () => {
  expect(decide({ outcome: 'ROLLBACK', variantKey: null })).toMatchObject({
    decision: { outcome: 'ROLLBACK', variantKey: null, modelVersionId: null, artefactHash: null },
  })
})

test('where the plan asked for no analysis nothing is shipped, but it can be ended', () => {
  const unanalysed = { ...experiment, plan: { ...experiment.plan, noAnalysis: true as const } }
  const made = { at: 5, by: 'ana', artefactHashes, analysis: null }
  const outcomes = (['SHIP', 'ROLLBACK', 'ITERATE'] as const).map((outcome) => {
    const reading = validateDecision({ outcome, variantKey: 'treatment', rationale: 'r' }, unanalysed, made)
    return reading.type === 'valid' ? outcome : reading.problems.map(({ path }) => path.join('.'))
  })
  expect(outcomes).toEqual([['outcome'], 'ROLLBACK', 'ITERATE'])
})
