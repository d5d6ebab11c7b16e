import type { Variant } from '../domain/experiment.ts'
import type { AnalysisPlan } from '../domain/plan/analysis-plan.ts'
import type { Sums } from '../read-model/port.ts'
import { withAdjustedPValues } from './adjusted-p-values.ts'
import type { MissingResult, Results, Unadjusted } from './metric-result.ts'
import { createComparer, makeTests, type PlannedTest } from './planned-tests.ts'
import { type Population, sumsOf } from './populations.ts'
import type { PlannedMetric, RoleTest } from './role-tests.ts'

/** The results of the units with one value of an attribute. */
export type SegmentResults = Results & {
  /** Null for units whose first exposure has no such attribute. */
  readonly value: string | null
  /** Analysed units. */
  readonly units: number
}

/** All results by one attribute of the plan. They are for exploration, and no part of the verdict. */
export type SegmentAnalysis = {
  readonly attribute: string
  /** Tests that share the plan's alpha: one for each value, metric and treatment. */
  readonly tests: number
  /** By units, the largest first; the null segment last. */
  readonly values: readonly SegmentResults[]
  /** Values with fewer units than the largest `SEGMENT_LIMIT`, which have no results, and how many units have them. */
  readonly omitted: { readonly values: number; readonly units: number }
}

/**
 * Compares variants within each segment. Every metric is tested for any difference, once, whatever its role is: with many
 * segments something differs by chance, so each test has alpha divided by their number (Bonferroni), and the p-values are
 * adjusted by Holm over all of them. Segments have no planned sample, so a group sequential plan has no bounds for them:
 * they then have confidence sequences, which hold at every look.
 * @param sums broken down by the attribute
 */
export function analyseSegments(
  attribute: string,
  sums: Sums,
  {
    plan,
    metrics,
    variants,
    population,
  }: {
    readonly plan: AnalysisPlan
    readonly metrics: readonly PlannedMetric[]
    readonly variants: readonly Pick<Variant, 'key' | 'isControl'>[]
    readonly population: Population
  },
): SegmentAnalysis {
  const sizes = segmentSizes(sums)
  const treatments = variants.filter(({ isControl }) => !isControl)
  const byKey = [...new Map(metrics.toReversed().map((metric) => [metric.definition.key, metric])).values()]
  const distinct = byKey.toReversed()
  const tests = sizes.length * distinct.length * treatments.length
  const method = {
    ...plan,
    method: plan.method === 'GROUP_SEQUENTIAL' ? 'ALWAYS_VALID' : plan.method,
  } as const
  const segments = sizes.map(({ value, units }) => {
    const own = (row: { readonly segment: string | null }) => row.segment === value
    const part = { metrics: sums.metrics.filter(own), quantiles: sums.quantiles.filter(own) }
    const compare = createComparer((key) => sumsOf(part, key, population), variants, plan.cuped)
    const planned = distinct.flatMap((metric) => {
      const test = anyDifference(metric, plan.alpha / tests)
      return treatments.map(({ key }): PlannedTest => ({ metric, test, variantKey: key }))
    })
    const outcomes = makeTests(planned, (one) => ({ comparison: compare(one, one.test, method), looks: [] }))
    return { value, units, ...outcomes }
  })
  return {
    attribute,
    tests,
    values: adjustTogether(segments),
    omitted: { values: sums.omitted.values, units: Number(sums.omitted.units) },
  }
}

function anyDifference({ role }: PlannedMetric, alpha: number): RoleTest {
  return { role, alternative: 'TWO_SIDED', alpha, nullValue: 0, direction: 0 }
}

function segmentSizes({ units }: Sums): readonly { readonly value: string | null; readonly units: number }[] {
  const sizes = new Map<string | null, number>()
  for (const { segment, units: count } of units) sizes.set(segment, (sizes.get(segment) ?? 0) + Number(count))
  const named = [...sizes].flatMap(([value, count]) => (value === null ? [] : [{ value, units: count }]))
  const none = sizes.get(null)
  return [
    ...named.sort((a, b) => b.units - a.units || (a.value < b.value ? -1 : 1)),
    ...(none === undefined ? [] : [{ value: null, units: none }]),
  ]
}

type Segment = Pick<SegmentResults, 'value' | 'units'> & {
  readonly results: readonly Unadjusted[]
  readonly missing: readonly MissingResult[]
}

/** Holm over all values of the attribute. */
function adjustTogether(values: readonly Segment[]): readonly SegmentResults[] {
  const adjusted = withAdjustedPValues(values.flatMap(({ results }) => results)).values()
  return values.map((segment) => ({
    ...segment,
    results: segment.results.flatMap(() => adjusted.next().value ?? []),
  }))
}
