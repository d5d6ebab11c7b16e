import { assign } from '@bulkhead/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleDraft } from '../testing/samples.ts'
import { NO_MODEL_DECISIONS } from './governance/model-decisions.ts'
import { ANALYSIS_METHODS, EFFECT_SCALES } from './plan/analysis-plan.ts'
import { nextSnapshot } from './publishing.ts'
import { NO_TARGETING } from './targeting/definitions.ts'
import {
  type ExperimentDraft,
  refuseReason,
  type VariantDraft,
  validateExperiment,
} from './validate-experiment.ts'

function problemsOf(overrides: Partial<ExperimentDraft>): string[] {
  const reading = validateExperiment(sampleDraft(overrides), { at: 0, by: 'ana' })
  return reading.type === 'valid'
    ? []
    : reading.problems.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

function variant(overrides: Partial<VariantDraft>): VariantDraft {
  return {
    key: 'v',
    name: 'V',
    weight: 0.5,
    payload: null,
    isControl: false,
    ...overrides,
  }
}

test('a sound draft becomes an experiment in DRAFT at revision and version 1', () => {
  expect(validateExperiment(sampleDraft(), { at: 7, by: 'ana' })).toMatchObject({
    type: 'valid',
    experiment: {
      key: 'mix',
      status: 'DRAFT',
      revision: 1,
      version: 1,
      createdAt: 7,
      startedAt: null,
      history: [],
    },
  })
})

test('every problem is reported at once, each with its path', () => {
  const problems = problemsOf({
    key: 'no spaces',
    name: '  ',
    hypothesis: '',
    owner: 'x'.repeat(201),
    unitType: 'sessionId',
    surfaces: ['home', 'home', '!'],
    coverage: 0,
    variants: [
      variant({ key: 'a', weight: 0.7 }),
      variant({ key: 'a', name: '', weight: 0.7, payload: { exploration: { epsilon: 2 } } }),
    ],
  })
  expect(problems.map((problem) => problem.slice(0, problem.indexOf(':')))).toEqual([
    'key',
    'name',
    'hypothesis',
    'owner',
    'unitType',
    'surfaces.1',
    'surfaces.2',
    'coverage',
    'variants.1.key',
    'variants.1.name',
    'variants',
    'variants',
    'variants.1.payload.exploration.epsilon',
  ])
})

test.each([
  [[variant({ key: 'a', weight: 1, isControl: true })], 'variants: must have 2 to 20 entries'],
  [
    Array.from({ length: 21 }, (_, index) =>
      variant({ key: `v${index}`, weight: 1 / 21, isControl: index === 0 }),
    ),
    'variants: must have 2 to 20 entries',
  ],
  [
    [variant({ key: 'a', isControl: true }), variant({ key: 'b', isControl: true })],
    'variants: must have exactly one control, not 2',
  ],
  [[variant({ key: 'a' }), variant({ key: 'b' })], 'variants: must have exactly one control, not 0'],
  [
    [variant({ key: 'a', isControl: true }), variant({ key: 'b', weight: 0.4 })],
    'variants: must have weights that sum to 1, not 0.9',
  ],
])('variants that do not fit together are refused (%#)', (variants, problem) => {
  expect(problemsOf({ variants })).toEqual([problem])
})

test('weights may miss 1 by a rounding error, and by no more', () => {
  const problemsWith = (weight: number) =>
    problemsOf({ variants: [variant({ key: 'a', isControl: true }), variant({ key: 'b', weight })] })
  expect(problemsWith(0.500_000_9)).toEqual([])
  for (const weight of [0.505, 0.495, 0.500_001_1]) {
    expect(problemsWith(weight)).toEqual([`variants: must have weights that sum to 1, not ${0.5 + weight}`])
  }
})

test('a weight that is 0, below 0 or not a number is refused with its path', () => {
  for (const weight of [0, -0.5, Number.NaN, 1.5]) {
    const variants = [
      variant({ key: 'a', isControl: true, weight: 1 - weight }),
      variant({ key: 'b', weight }),
    ]
    expect(problemsOf({ variants })).toContain('variants.1.weight: must be above 0 and at most 1')
  }
})

test('a payload is refused where serving would not read it, with the path inside it', () => {
  const payloads = [{}, { sources: [] }, { sources: [{ name: 'magic', weight: 1 }] }, 'text', ['list']]
  for (const payload of payloads) {
    const variants = [variant({ key: 'a', isControl: true }), variant({ key: 'b', payload })]
    expect(problemsOf({ variants })[0]).toMatch(/^variants\.1\.payload/)
  }
})

test('where one variant pins a model version, all must', () => {
  const treatment = variant({ key: 'b', payload: { modelVersionId: 'm2' } })
  expect(problemsOf({ variants: [variant({ key: 'a', isControl: true }), treatment] })).toEqual([
    'variants.0.payload: must set modelVersionId, because another variant does',
  ])
  const control = variant({ key: 'a', isControl: true, payload: { modelVersionId: 'm1' } })
  expect(problemsOf({ variants: [control, treatment] })).toEqual([])
})

test('a reason must say something, and not without end', () => {
  expect(refuseReason('because')).toBeNull()
  for (const reason of ['', ' \n', 'x'.repeat(1_001), '\ud800']) {
    expect(refuseReason(reason)).toMatchObject({ type: 'invalid-input', problems: [{ path: ['reason'] }] })
  }
})

test('whatever is accepted, the evaluator can evaluate', () => {
  const weights = fc
    .array(fc.integer({ min: 1, max: 1_000 }), { minLength: 2, maxLength: 20 })
    .map((parts) => parts.map((part) => part / parts.reduce((sum, other) => sum + other, 0)))
  fc.assert(
    fc.property(
      weights,
      fc.double({ min: 0.001, max: 1, noNaN: true }),
      fc.string(),
      (shares, coverage, unit) => {
        const variants = shares.map((weight, index) =>
          variant({ key: `v${index}`, weight, isControl: index === 0 }),
        )
        const reading = validateExperiment(sampleDraft({ coverage, variants, surfaces: [] }), {
          at: 0,
          by: 'ana',
        })
        if (reading.type !== 'valid') throw new Error(JSON.stringify(reading.problems))
        const snapshot = nextSnapshot(
          null,
          [{ ...reading.experiment, status: 'RUNNING' }],
          NO_TARGETING,
          0,
          NO_MODEL_DECISIONS,
        )
        const [assignment] = assign(snapshot, { userId: `u${unit}` }, {})
        expect(['BUCKETED', 'COVERAGE']).toContain(assignment?.reason)
      },
    ),
  )
})

test('any input is answered, whatever it holds', () => {
  const anyVariant = fc.record({
    key: fc.string(),
    name: fc.string({ unit: 'binary' }),
    weight: fc.double(),
    payload: fc.anything(),
    isControl: fc.boolean(),
  })
  const anyDraft = fc.record({
    key: fc.string(),
    name: fc.string(),
    hypothesis: fc.string(),
    owner: fc.string(),
    unitType: fc.string(),
    surfaces: fc.array(fc.string()),
    coverage: fc.double(),
    exposureTrigger: fc.constantFrom('SERVE' as const, 'IMPRESSION' as const),
    variants: fc.array(anyVariant),
    metrics: fc.array(
      fc.record({
        metricKey: fc.string(),
        role: fc.constantFrom('SUCCESS' as const, 'QUALITY' as const),
        margin: fc.option(fc.double()),
      }),
    ),
    plan: fc.record({
      method: fc.constantFrom(...ANALYSIS_METHODS),
      scale: fc.constantFrom(...EFFECT_SCALES),
      twoSided: fc.boolean(),
      alpha: fc.double(),
      power: fc.double(),
      spending: fc.option(fc.string()),
      looks: fc.option(fc.integer()),
      cuped: fc.boolean(),
      segments: fc.array(fc.string()),
      exclusions: fc.array(fc.record({ savedGroup: fc.string(), version: fc.double() })),
      plannedSampleSize: fc.option(fc.integer()),
      plannedEnd: fc.option(fc.integer()),
    }),
  })
  fc.assert(
    fc.property(anyDraft, (input) => {
      const reading = validateExperiment(input, { at: 0, by: 'ana' })
      expect(reading.type === 'valid' || reading.problems.length > 0).toBe(true)
    }),
  )
})
