import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import vectors from '../../vectors/assign.json' with { type: 'json' }
import type { JsonObject } from '../json.ts'
import {
  experimentArbitrary,
  shareArbitrary,
  unitArbitrary,
  variantKey,
} from '../testing/snapshot-arbitrary.ts'
import { type Assignment, type AssignmentInputs, assign } from './assign.ts'
import { type SnapshotExperiment, snapshotExperimentSchema } from './assignment-snapshot.ts'

type AssignVector = {
  readonly name: string
  readonly experiments: readonly object[]
  readonly holdouts?: readonly JsonObject[]
  readonly savedGroups?: Readonly<Record<string, string[]>>
  readonly units: Readonly<Record<string, string>>
  readonly attributes: JsonObject
  readonly surface?: string
  readonly inputs?: AssignmentInputs
  readonly assignments: readonly unknown[]
}

function assignOne(experiment: SnapshotExperiment, unit: string): Assignment {
  const [assignment] = assign({ experiments: [experiment] }, { userId: unit }, {})
  if (assignment === undefined) throw new Error('the experiment was left out')
  return assignment
}

const running = experimentArbitrary.map((experiment) => ({ ...experiment, status: 'RUNNING' }))

describe('the vectors', () => {
  test.each(vectors.cases as readonly AssignVector[])('$name', (vector) => {
    const { units, attributes, surface, inputs, assignments } = vector
    const experiments = vector.experiments.map((members) =>
      snapshotExperimentSchema.parse({ ...vectors.base, ...members }),
    )
    const snapshot = { experiments, holdouts: vector.holdouts ?? [], savedGroups: vector.savedGroups ?? {} }
    const actual = assign(snapshot, units, attributes, surface, inputs)
    expect(
      actual.map((assignment) => ({
        ...assignment,
        experiment: assignment.experiment.key,
        variant: assignment.variant?.key ?? null,
      })),
    ).toEqual(assignments)
  })
})

describe('laws', () => {
  test('a ramp-up only adds units, and those included keep their variant', () => {
    fc.assert(
      fc.property(
        running,
        shareArbitrary,
        shareArbitrary,
        fc.array(unitArbitrary),
        (experiment, a, b, units) => {
          const before = { ...experiment, coverage: Math.min(a, b) }
          const after = { ...experiment, coverage: Math.max(a, b) }
          for (const unit of units) {
            const was = assignOne(before, unit)
            if (was.included) expect(assignOne(after, unit).variant).toEqual(was.variant)
          }
        },
      ),
    )
  })

  test('a wider layer range only adds units, and those included keep their variant', () => {
    fc.assert(
      fc.property(
        running,
        shareArbitrary,
        shareArbitrary,
        fc.array(unitArbitrary),
        (experiment, a, b, units) => {
          fc.pre(a !== b)
          const before = { ...experiment, layer: { key: 'main', from: Math.min(a, b), to: Math.max(a, b) } }
          const after = {
            ...experiment,
            layer: { key: 'main', from: Math.min(a, b) / 2, to: (Math.max(a, b) + 1) / 2 },
          }
          for (const unit of units) {
            const was = assignOne(before, unit)
            if (was.included) expect(assignOne(after, unit).variant).toEqual(was.variant)
          }
        },
      ),
    )
  })

  test('disjoint ranges of a layer never include a unit twice', () => {
    fc.assert(
      fc.property(running, running, shareArbitrary, unitArbitrary, (one, other, border, unit) => {
        fc.pre(border > 0 && border < 1)
        const left = { ...one, forced: {}, layer: { key: 'main', from: 0, to: border } }
        const right = { ...other, forced: {}, layer: { key: 'main', from: border, to: 1 } }
        expect(assignOne(left, unit).included && assignOne(right, unit).included).toBe(false)
      }),
    )
  })

  test('a paused experiment includes nobody', () => {
    fc.assert(
      fc.property(experimentArbitrary, unitArbitrary, (experiment, unit) => {
        const paused = { ...experiment, status: 'PAUSED', forced: { [unit]: variantKey(0) } }
        expect(assignOne(paused, unit)).toMatchObject({
          included: false,
          variant: null,
          reason: 'NOT_RUNNING',
        })
      }),
    )
  })

  test('stopping changes no assignment', () => {
    fc.assert(
      fc.property(running, unitArbitrary, (experiment, unit) => {
        const { experiment: _, ...stopped } = assignOne({ ...experiment, status: 'STOPPED' }, unit)
        expect(assignOne(experiment, unit)).toMatchObject(stopped)
      }),
    )
  })

  test('equal input gives an equal answer, in another copy of the snapshot too', () => {
    fc.assert(
      fc.property(fc.array(experimentArbitrary), unitArbitrary, (experiments, unit) => {
        const first = assign({ experiments }, { userId: unit }, {})
        expect(assign({ experiments }, { userId: unit }, {})).toEqual(first)
        expect(assign({ experiments: structuredClone(experiments) }, { userId: unit }, {})).toEqual(first)
      }),
    )
  })

  test('an experiment is assigned as if it were alone', () => {
    fc.assert(
      fc.property(fc.array(experimentArbitrary), unitArbitrary, (experiments, unit) => {
        const together = assign({ experiments }, { userId: unit }, {})
        expect(together).toEqual(experiments.map((experiment) => assignOne(experiment, unit)))
      }),
    )
  })

  test('a surface leaves out exactly the experiments that list others only', () => {
    fc.assert(
      fc.property(fc.array(experimentArbitrary), unitArbitrary, (experiments, unit) => {
        const reaching = experiments.filter((e) => e.surfaces.length === 0 || e.surfaces.includes('home'))
        const assignments = assign({ experiments }, { userId: unit }, {}, 'home')
        expect(assignments).toEqual(assign({ experiments: reaching }, { userId: unit }, {}))
      }),
    )
  })

  test('included means BUCKETED or FORCED, and comes with a variant of the experiment', () => {
    fc.assert(
      fc.property(experimentArbitrary, unitArbitrary, (experiment, unit) => {
        const { included, reason, variant, bucket } = assignOne(experiment, unit)
        expect(included).toBe(reason === 'BUCKETED' || reason === 'FORCED')
        if (included) expect(experiment.variants).toContain(variant)
        else expect(variant).toBeNull()
        expect(bucket).toBeGreaterThanOrEqual(0)
        expect(bucket).toBeLessThan(1)
      }),
    )
  })
})

test('full coverage gives each variant its share of the units', () => {
  const units = 20_000
  const weights = [0.5, 0.3, 0.2]
  const experiment = snapshotExperimentSchema.parse({
    ...vectors.base,
    seed: 'shares',
    variants: weights.map((weight, index) => ({ key: variantKey(index), weight, payload: null })),
  })
  const counts = new Map<string, number>()
  for (let index = 0; index < units; index++) {
    const key = assignOne(experiment, `u${index}`).variant?.key ?? 'none'
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  // Four standard errors of a share at this size are below 0.0142.
  for (const [index, weight] of weights.entries()) {
    expect(Math.abs((counts.get(variantKey(index)) ?? 0) / units - weight)).toBeLessThan(0.0142)
  }
})

test('a unit forced under the name __proto__ is forced, and forces nobody else', () => {
  const text = JSON.stringify({ ...vectors.base, coverage: 0 }).replace(
    '"forced":{}',
    '"forced":{"__proto__":"treatment"}',
  )
  const experiment = snapshotExperimentSchema.parse(JSON.parse(text))
  expect(assignOne(experiment, '__proto__')).toMatchObject({
    reason: 'FORCED',
    variant: { key: 'treatment' },
  })
  expect(assignOne(experiment, 'constructor').reason).toBe('COVERAGE')
})

test('a unit type that objects inherit is not a unit that the caller named', () => {
  const experiment = snapshotExperimentSchema.parse({ ...vectors.base, unitType: 'constructor' })
  expect(assignOne(experiment, 'u1')).toMatchObject({ reason: 'UNSUPPORTED', unit: null })
})
