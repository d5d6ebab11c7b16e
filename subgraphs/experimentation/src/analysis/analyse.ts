import { hash } from 'node:crypto'
import { canonicalJson } from '@bulkhead/contracts'
import { isRefusal, type Reason } from '@bulkhead/statistics/result'
import type { ExperimentVersion } from '../domain/experiment.ts'
import { type AnalysisPlan, planHash } from '../domain/plan/analysis-plan.ts'
import type { Sums } from '../read-model/port.ts'
import { armsOfMeans, armsOfQuantiles, type MetricArms } from './arms.ts'
import { compareArms, FIRST_LOOK } from './compare-arms.ts'
import { checkHealth, type HealthCheck, QUALITY_TESTS } from './health.ts'
import type { MetricResult, MissingResult } from './metric-result.ts'
import { completeUnits, sumsOf } from './populations.ts'
import { type PlannedMetric, roleTests, type TestLevels, testLevels } from './role-tests.ts'
import { recommend, type Verdict } from './verdict.ts'

/** Grows with every change of this directory or of the statistics that changes a digit. */
const CODE_VERSION = '1'

/** Everything that an analysis is a function of, beside the sums that the events give. */
export type AnalysisInputs = {
  readonly experimentKey: string
  readonly version: Pick<ExperimentVersion, 'version' | 'variants'>
  readonly plan: AnalysisPlan
  readonly metrics: readonly PlannedMetric[]
  /** On `occurredAt`, epoch milliseconds, exclusive. */
  readonly cutoff: number
  /** Ingest position. */
  readonly asOf: number
}

export type Analysis = Omit<AnalysisInputs, 'version'> & {
  /** SHA-256, hex: equal inputs and equal events give an equal one, on any engine and datastore. */
  readonly hash: string
  readonly experimentVersion: number
  readonly planHash: string
  readonly codeVersion: string
  /** Whether the results are of units whose windows were over, which a conclusion needs. */
  readonly complete: boolean
  readonly units: number
  readonly results: readonly MetricResult[]
  readonly missing: readonly MissingResult[]
  readonly health: readonly HealthCheck[]
  readonly verdict: Verdict
  readonly sql: readonly string[]
}

/** The levels of the plan give no levels for its tests, for example because of its power. */
export type UnusablePlan = { readonly type: 'unusable-plan'; readonly reason: Reason }

export type AnalysisOutcome = { readonly type: 'analysed'; readonly analysis: Analysis } | UnusablePlan

/** The results of one version of an experiment: a pure function of what is given. */
export function analyse(inputs: AnalysisInputs, sums: Sums): AnalysisOutcome {
  const { version, plan, metrics, ...rest } = inputs
  const treatments = version.variants.filter(({ isControl }) => !isControl).map(({ key }) => key)
  const quality = QUALITY_TESTS + metrics.filter(({ role }) => role === 'QUALITY').length
  const levels = testLevels(plan, metrics, treatments.length, quality)
  if (isRefusal(levels)) return { type: 'unusable-plan', reason: levels.refused }

  const units = sums.units.reduce((sum, count) => sum + Number(count.units), 0)
  const keys = metrics.map(({ definition }) => definition.key)
  const { total, smallest } = completeUnits(sums, keys, version.variants)
  const sample = checkSample(plan, total)
  // Before, units in the middle of their windows are in the results, and only health checks lead to a verdict.
  const complete = sample.reached || (plan.method === 'ALWAYS_VALID' && smallest >= FIRST_LOOK)
  const { results, missing } = testMetrics(inputs, sums, levels, complete)
  const health = checkHealth(sums, version.variants, levels.quality ?? 0)
  const anytime = plan.method === 'ALWAYS_VALID' && complete
  const verdict = recommend({ treatments, metrics, results, missing, health, sample, anytime })
  const content = {
    ...rest,
    metrics,
    plan,
    experimentVersion: version.version,
    planHash: planHash(plan),
    codeVersion: CODE_VERSION,
    complete,
    units,
    results,
    missing,
    health,
    verdict,
  }
  // The SQL is left out: it says how the sums were computed, not what they are.
  const digest = hash('sha256', canonicalJson(content), 'hex')
  return { type: 'analysed', analysis: { ...content, hash: digest, sql: sums.sql } }
}

function checkSample({ plannedSampleSize, noAnalysis }: AnalysisPlan, units: number) {
  if (noAnalysis === true) return { reached: false, detail: 'the plan asks for no analysis' }
  if (plannedSampleSize === null) {
    return { reached: false, detail: 'the plan names no sample size' }
  }
  const reached = units >= plannedSampleSize
  return { reached, detail: `${units} of ${plannedSampleSize} planned units with complete windows` }
}

function testMetrics(
  { version: { variants }, plan, metrics }: AnalysisInputs,
  sums: Sums,
  levels: TestLevels,
  complete: boolean,
): { readonly results: readonly MetricResult[]; readonly missing: readonly MissingResult[] } {
  const results: MetricResult[] = []
  const missing: MissingResult[] = []
  const deteriorationOf = new Set<string>()
  for (const metric of metrics) {
    const { key: metricKey, version: metricVersion } = metric.definition
    const { arms, adjusted } = armsOf(metric, sums, plan, complete)
    const armOf = new Map(arms.map((arm) => [arm.variantKey, arm]))
    const control = armOf.get(variants.find(({ isControl }) => isControl)?.key ?? '')
    for (const test of roleTests(metric, plan, levels)) {
      // A metric with several roles is tested for it once.
      if (test.role === 'DETERIORATION' && deteriorationOf.has(metricKey)) continue
      if (test.role === 'DETERIORATION') deteriorationOf.add(metricKey)
      for (const { key: variantKey } of variants.filter(({ isControl }) => !isControl)) {
        const about = { metricKey, metricVersion, role: test.role, variantKey }
        const treatment = armOf.get(variantKey)
        const result =
          control === undefined || treatment === undefined
            ? ({ refused: 'too-few-units' } as const)
            : compareArms(control, treatment, { adjusted }, test, plan)
        if ('refused' in result) missing.push({ ...about, reason: result.refused })
        else results.push({ metricKey, metricVersion, ...result })
      }
    }
  }
  return { results, missing }
}

function armsOf(
  { definition }: PlannedMetric,
  sums: Sums,
  plan: AnalysisPlan,
  complete: boolean,
): MetricArms {
  const { means, histograms } = sumsOf(sums, definition.key, complete ? 'COMPLETE' : 'ALL')
  return definition.kind === 'QUANTILE'
    ? armsOfQuantiles(definition, histograms)
    : armsOfMeans(definition, means, plan.cuped)
}
