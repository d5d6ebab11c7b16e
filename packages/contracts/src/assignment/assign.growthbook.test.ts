import { type Experiment, GrowthBookClient } from '@growthbook/growthbook'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hashV2 } from '../hash.ts'
import { experimentArbitrary, unitArbitrary } from '../testing/snapshot-arbitrary.ts'
import { ASSIGNMENT_REASONS, type Assignment, type AssignmentReason, assign } from './assign.ts'
import type { SnapshotExperiment } from './assignment-snapshot.ts'

const EXPERIMENTS = 2_000
const UNITS_PER_EXPERIMENT = 60
const MIN_HITS_PER_BRANCH = 1_000

/** Reasons with which the evaluator answers today; the others wait for holdouts and conditions. */
const REACHABLE: readonly AssignmentReason[] = [
  'BUCKETED',
  'FORCED',
  'LAYER',
  'COVERAGE',
  'NOT_RUNNING',
  'UNSUPPORTED',
]

const growthbook = new GrowthBookClient({})

/** What both sides are compared on. */
type Outcome = { included: boolean; variantIndex: number; bucket: number | null }

/** The published SDK's answer, with the experiment written as its own documentation writes one. */
function askGrowthBook(experiment: SnapshotExperiment, unit: string): Outcome {
  const mapped: Experiment<number> = {
    key: experiment.key,
    variations: experiment.variants.map((_, index) => index) as [number, number, ...number[]],
    weights: experiment.variants.map((variant) => variant.weight),
    hashVersion: 2,
    seed: experiment.seed,
    hashAttribute: 'id',
  }
  const limited: Experiment<number> = {
    ...mapped,
    coverage: experiment.coverage,
    active: experiment.status !== 'PAUSED',
    ...(experiment.layer && {
      namespace: [experiment.layer.key, experiment.layer.from, experiment.layer.to],
    }),
  }
  const attributes = { id: unit }
  // The SDK lets a forced variation win over an inactive experiment; our kill switch does not.
  const isForced = Object.hasOwn(experiment.forced, unit) && experiment.status !== 'PAUSED'
  const forcedIndex = experiment.variants.findIndex((variant) => variant.key === experiment.forced[unit])
  const result = growthbook.runInlineExperiment(limited, {
    attributes,
    ...(isForced && { forcedVariations: { [experiment.key]: forcedIndex } }),
  })
  // The SDK tells the bucket of included units only: without limits, everyone is.
  const bucket = result.bucket ?? growthbook.runInlineExperiment(mapped, { attributes }).bucket ?? null
  return {
    included: result.inExperiment,
    variantIndex: result.inExperiment ? result.variationId : -1,
    bucket,
  }
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

/** A tenth of the units are empty or among those that the experiment forces, so that those branches fill. */
const caseArbitrary = experimentArbitrary.chain((experiment) => {
  const special = fc.constantFrom('', ...Object.keys(experiment.forced))
  const unit = fc.oneof({ weight: 9, arbitrary: unitArbitrary }, { weight: 1, arbitrary: special })
  return fc
    .record({
      aim: fc.option(
        fc.record({
          variantIndex: fc.nat(experiment.variants.length - 1),
          steps: fc.integer({ min: -2, max: 2 }),
        }),
        { freq: 2 },
      ),
      units: fc.array(unit, { minLength: UNITS_PER_EXPERIMENT, maxLength: UNITS_PER_EXPERIMENT }),
    })
    .map(({ aim, units }) => ({
      experiment: aim === null ? experiment : aimedAt(experiment, units[0] ?? '', aim),
      units,
    }))
})

test("assigns every generated unit as GrowthBook's published SDK does", () => {
  const hits = new Map<AssignmentReason, number>(ASSIGNMENT_REASONS.map((reason) => [reason, 0]))
  const differences: unknown[] = []
  let pairs = 0
  let nonAsciiPairs = 0

  for (const { experiment, units } of fc.sample(caseArbitrary, { numRuns: EXPERIMENTS, seed: 20_250_101 })) {
    for (const unit of units) {
      const [assignment] = assign({ experiments: [experiment] }, { userId: unit }, {})
      if (assignment === undefined) throw new Error('an experiment was left out')
      const ours = outcomeOf(assignment)
      const theirs = askGrowthBook(experiment, unit)
      if (
        ours.included !== theirs.included ||
        ours.variantIndex !== theirs.variantIndex ||
        ours.bucket !== theirs.bucket
      ) {
        differences.push({ experiment, unit, reason: assignment.reason, ours, theirs })
      }
      pairs++
      if (/[^\p{ASCII}]/u.test(unit)) nonAsciiPairs++
      hits.set(assignment.reason, (hits.get(assignment.reason) ?? 0) + 1)
    }
  }

  const reasons = [...hits].map(([reason, count]) => `${reason} ${count}`).join(', ')
  console.info(
    `GrowthBook: ${pairs} pairs (${nonAsciiPairs} non-ASCII), ${differences.length} differences; ${reasons}`,
  )
  expect(differences.slice(0, 3)).toEqual([])
  expect(pairs).toBeGreaterThanOrEqual(100_000)
  expect(nonAsciiPairs).toBeGreaterThan(MIN_HITS_PER_BRANCH)
  for (const reason of REACHABLE) expect(hits.get(reason), reason).toBeGreaterThan(MIN_HITS_PER_BRANCH)
})
