import type { Variant } from '../domain/experiment.ts'
import type { AnalysisPlan } from '../domain/plan/analysis-plan.ts'
import { type Arm, armsOfMeans, armsOfQuantiles } from './arms.ts'
import { type Comparison, compareArms, type Method } from './compare-arms.ts'
import type { LookResult, MissingResult, Unadjusted } from './metric-result.ts'
import type { MetricData } from './populations.ts'
import { type PlannedMetric, type RoleTest, roleTests, type TestLevels } from './role-tests.ts'

/** One test of one treatment, before there is data. */
export type PlannedTest = {
  readonly metric: PlannedMetric
  readonly test: RoleTest
  readonly variantKey: string
}

/** All tests of a plan, in the order of its metrics. A metric with several roles is tested once for deterioration. */
export function plannedTests(
  metrics: readonly PlannedMetric[],
  plan: Pick<AnalysisPlan, 'twoSided'>,
  levels: TestLevels,
  treatments: readonly string[],
): readonly PlannedTest[] {
  const deteriorationOf = new Set<string>()
  return metrics.flatMap((metric) => {
    const { key } = metric.definition
    return roleTests(metric, plan, levels).flatMap((test) => {
      if (test.role === 'DETERIORATION' && deteriorationOf.has(key)) return []
      if (test.role === 'DETERIORATION') deteriorationOf.add(key)
      return treatments.map((variantKey) => ({ metric, test, variantKey }))
    })
  })
}

/** A population, with the arms of each metric made once. */
export type Comparer = (planned: PlannedTest, test: RoleTest, method: Method) => Comparison

/** Compares treatments with the control of one population. */
export function createComparer(
  dataOf: (metricKey: string) => MetricData,
  variants: readonly Pick<Variant, 'key' | 'isControl'>[],
  useCuped: boolean,
): Comparer {
  const control = variants.find(({ isControl }) => isControl)?.key ?? ''
  const known = new Map<
    string,
    { readonly byVariant: ReadonlyMap<string, Arm>; readonly adjusted: boolean }
  >()

  function armsOf({ definition }: PlannedMetric) {
    const found = known.get(definition.key)
    if (found !== undefined) return found
    const { means, histograms } = dataOf(definition.key)
    const { arms, adjusted } =
      definition.kind === 'QUANTILE'
        ? armsOfQuantiles(definition, histograms)
        : armsOfMeans(definition, means, useCuped)
    const made = { byVariant: new Map(arms.map((arm) => [arm.variantKey, arm])), adjusted }
    known.set(definition.key, made)
    return made
  }

  return ({ metric, variantKey }, test, method) => {
    const { byVariant, adjusted } = armsOf(metric)
    const [base, treatment] = [byVariant.get(control), byVariant.get(variantKey)]
    if (base === undefined || treatment === undefined) return { refused: 'too-few-units' }
    return compareArms(base, treatment, { adjusted }, test, method)
  }
}

/** A test that was made; `looks` is empty for plans without any. */
export type TestOutcome = { readonly comparison: Comparison; readonly looks: readonly LookResult[] }

/** Makes the tests, in their order; p-values are not adjusted for each other yet. */
export function makeTests(
  tests: readonly PlannedTest[],
  outcomeOf: (planned: PlannedTest) => TestOutcome,
): { readonly results: readonly Unadjusted[]; readonly missing: readonly MissingResult[] } {
  const results: Unadjusted[] = []
  const missing: MissingResult[] = []
  for (const planned of tests) {
    const { key: metricKey, version: metricVersion } = planned.metric.definition
    const { comparison, looks } = outcomeOf(planned)
    if ('refused' in comparison) {
      const { test, variantKey } = planned
      missing.push({ metricKey, metricVersion, role: test.role, variantKey, reason: comparison.refused })
    } else results.push({ metricKey, metricVersion, ...comparison, looks })
  }
  return { results, missing }
}
