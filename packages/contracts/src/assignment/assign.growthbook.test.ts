import {
  type ConditionInterface,
  type Experiment,
  GrowthBookClient,
  type StickyAssignmentsDocument,
} from '@growthbook/growthbook'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { validateCondition } from '../conditions/condition.ts'
import { hashV2 } from '../hash.ts'
import type { JsonObject } from '../json.ts'
import { attributesArbitrary, conditionArbitrary } from '../testing/condition-arbitrary.ts'
import { experimentArbitrary, unitArbitrary } from '../testing/snapshot-arbitrary.ts'
import {
  ASSIGNMENT_REASONS,
  type Assignment,
  type AssignmentInputs,
  type AssignmentReason,
  assign,
} from './assign.ts'
import type { LayerRange, SnapshotExperiment } from './assignment-snapshot.ts'
import { layerSeed } from './layer.ts'

const EXPERIMENTS = 2_000
const UNITS_PER_EXPERIMENT = 60
/** Different ones of the users of an experiment. */
const ATTRIBUTES = 6
const MIN_HITS_PER_BRANCH = 1_000

/** The SDK knows no holdouts: `assign.rules.test.ts` tests them. */
const REACHABLE = ASSIGNMENT_REASONS.filter((reason) => reason !== 'HOLDOUT')

const SAVED_GROUPS = { letters: ['a', 'b', 'abc', ''], numbers: [0, 1, 5, '5'], nobody: [] }
const UNIT_TYPE = 'userId'

const growthbook = new GrowthBookClient({ savedGroups: SAVED_GROUPS })

/** What both sides are compared on. */
type Outcome = { included: boolean; variantIndex: number; bucket: number | null }

type Case = {
  readonly experiment: SnapshotExperiment
  readonly unit: string
  readonly attributes: JsonObject
  readonly previous: NonNullable<AssignmentInputs['previous']>
}

/** The published SDK's answer, with the experiment written as its own documentation writes one. */
function askGrowthBook({ experiment, unit, attributes, previous }: Case): Outcome {
  const { key, layer, condition, version } = experiment
  const mapped: Experiment<number> = {
    key,
    variations: experiment.variants.map((_, index) => index) as [number, number, ...number[]],
    weights: experiment.variants.map((variant) => variant.weight),
    hashVersion: 2,
    seed: experiment.seed,
    hashAttribute: UNIT_TYPE,
  }
  const limited: Experiment<number> = {
    ...mapped,
    coverage: experiment.coverage,
    active: experiment.status !== 'PAUSED',
    meta: experiment.variants.map((variant) => ({ key: variant.key })),
    bucketVersion: version,
    ...(condition !== null && { condition: condition as ConditionInterface }),
    ...(layer !== null && inLayer(layer)),
  }
  const user = { attributes: { ...attributes, [UNIT_TYPE]: unit } }
  // The SDK lets a forced variation win over an inactive experiment; our kill switch does not.
  const isForced = Object.hasOwn(experiment.forced, unit) && experiment.status !== 'PAUSED'
  const forcedIndex = experiment.variants.findIndex((variant) => variant.key === experiment.forced[unit])
  const ask = () =>
    growthbook.runInlineExperiment(limited, {
      ...user,
      ...(isForced && { forcedVariations: { [key]: forcedIndex } }),
      stickyBucketAssignmentDocs: stickyBuckets(previous),
      saveStickyBucketAssignmentDoc: async () => {},
    })
  const result = orNull(ask)
  // The SDK tells the bucket of included units only: without limits, everyone is.
  const bucket = result?.bucket ?? growthbook.runInlineExperiment(mapped, user).bucket ?? null
  if (result?.inExperiment !== true) return { included: false, variantIndex: -1, bucket }
  return { included: true, variantIndex: result.variationId, bucket }
}

/** The SDK throws where an attribute cannot become a text or number; to the evaluator the condition is not met. */
function orNull<T>(ask: () => T): T | null {
  try {
    return ask()
  } catch (error) {
    if (error instanceof TypeError) return null
    throw error
  }
}

function inLayer(layer: LayerRange): Partial<Experiment<number>> {
  const { key, from, to } = layer
  if (layer.hashVersion !== 2) return { namespace: [key, from, to] }
  return {
    filters: [{ attribute: UNIT_TYPE, seed: layerSeed(key), hashVersion: 2, ranges: [[from, to]] }],
  }
}

function stickyBuckets(previous: Case['previous']): Record<string, StickyAssignmentsDocument> {
  return Object.fromEntries(
    previous.map(({ experimentKey, experimentVersion, variantKey, unit }) => [
      `${UNIT_TYPE}||${unit}`,
      {
        attributeName: UNIT_TYPE,
        attributeValue: unit,
        assignments: { [`${experimentKey}__${experimentVersion}`]: variantKey },
      },
    ]),
  )
}

function outcomeOf(assignment: Assignment): Outcome {
  const { experiment, variant, included, bucket } = assignment
  return { included, variantIndex: variant === null ? -1 : experiment.variants.indexOf(variant), bucket }
}

/** Which variant's border to aim at, and by how many rounding steps to miss it. */
type Aim = { variantIndex: number; steps: number }

/**
 * The experiment with its coverage such that a variant's range ends on the unit's bucket, give or take rounding: the
 * place where another order of the same sums would move units.
 */
function aimedAt(experiment: SnapshotExperiment, unit: string, aim: Aim): SnapshotExperiment {
  const weights = experiment.variants.map((variant) => variant.weight)
  const start = weights.slice(0, aim.variantIndex).reduce((sum, weight) => sum + weight, 0)
  const exact = (hashV2(experiment.seed, unit) - start) / (weights[aim.variantIndex] ?? 0)
  const coverage = exact * (1 + aim.steps * Number.EPSILON)
  return coverage > 0 && coverage <= 1 ? { ...experiment, layer: null, coverage } : experiment
}

/** Conditions that the evaluator supports; about half of the attributes meet one. */
const conditions = conditionArbitrary.filter(
  (condition) => validateCondition(condition, Object.keys(SAVED_GROUPS)).length === 0,
)

/** A tenth of the units are empty or among those that the experiment forces, so that those branches fill. */
const caseArbitrary = experimentArbitrary.chain((experiment) => {
  const special = fc.constantFrom('', ...Object.keys(experiment.forced))
  const unit = fc.oneof({ weight: 9, arbitrary: unitArbitrary }, { weight: 1, arbitrary: special })
  const before = fc.record({
    experimentKey: fc.constant(experiment.key),
    experimentVersion: fc.constantFrom(experiment.version, experiment.version, experiment.version + 1),
    variantKey: fc.constantFrom(...experiment.variants.map(({ key }) => key), 'gone'),
  })
  return fc
    .record({
      aim: fc.option(
        fc.record({
          variantIndex: fc.nat(experiment.variants.length - 1),
          steps: fc.integer({ min: -2, max: 2 }),
        }),
        { freq: 2 },
      ),
      condition: fc.option(conditions, { freq: 2 }),
      attributes: fc.array(attributesArbitrary, { minLength: ATTRIBUTES, maxLength: ATTRIBUTES }),
      users: fc.array(
        fc.record({ unit, attributes: fc.nat(ATTRIBUTES - 1), before: fc.option(before, { freq: 3 }) }),
        { minLength: UNITS_PER_EXPERIMENT, maxLength: UNITS_PER_EXPERIMENT },
      ),
    })
    .map(({ aim, condition, attributes, users }) => {
      const aimed = aim === null ? experiment : aimedAt(experiment, users[0]?.unit ?? '', aim)
      return {
        experiment: { ...aimed, condition },
        users: users.map((user) => ({ ...user, attributes: attributes[user.attributes] ?? {} })),
      }
    })
})

test("assigns every generated unit as GrowthBook's published SDK does", () => {
  const hits = new Map<AssignmentReason, number>(ASSIGNMENT_REASONS.map((reason) => [reason, 0]))
  const differences: unknown[] = []
  const counts = { pairs: 0, nonAscii: 0, conditions: 0, filters: 0, sticky: 0 }

  for (const { experiment, users } of fc.sample(caseArbitrary, { numRuns: EXPERIMENTS, seed: 20_250_101 })) {
    const snapshot = { experiments: [experiment], savedGroups: SAVED_GROUPS }
    for (const { unit, attributes, before } of users) {
      const previous = before === null || unit === '' ? [] : [{ ...before, unit }]
      const [assignment] = assign(snapshot, { [UNIT_TYPE]: unit }, attributes, undefined, { previous })
      if (assignment === undefined) throw new Error('an experiment was left out')
      const ours = outcomeOf(assignment)
      const theirs = askGrowthBook({ experiment, unit, attributes, previous })
      if (
        ours.included !== theirs.included ||
        ours.variantIndex !== theirs.variantIndex ||
        ours.bucket !== theirs.bucket
      ) {
        differences.push({ experiment, unit, attributes, previous, reason: assignment.reason, ours, theirs })
      }
      counts.pairs++
      if (/[^\p{ASCII}]/u.test(unit)) counts.nonAscii++
      if (experiment.condition !== null) counts.conditions++
      if (experiment.layer?.hashVersion === 2) counts.filters++
      if (previous.length > 0) counts.sticky++
      hits.set(assignment.reason, (hits.get(assignment.reason) ?? 0) + 1)
    }
  }

  const reasons = [...hits].map(([reason, count]) => `${reason} ${count}`).join(', ')
  console.info(`GrowthBook: ${JSON.stringify(counts)}, ${differences.length} differences; ${reasons}`)
  expect(differences.slice(0, 3)).toEqual([])
  expect(counts.pairs).toBeGreaterThanOrEqual(100_000)
  for (const [name, count] of Object.entries(counts)) expect(count, name).toBeGreaterThan(MIN_HITS_PER_BRANCH)
  for (const reason of REACHABLE) expect(hits.get(reason), reason).toBeGreaterThan(MIN_HITS_PER_BRANCH)
})
