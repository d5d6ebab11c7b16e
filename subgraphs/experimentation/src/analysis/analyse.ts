import { canonicalHash } from '@bulkhead/contracts'
import { isRefusal, type Reason } from '@bulkhead/statistics/result'
import type { ExperimentVersion } from '../domain/experiment.ts'
import { type AnalysisPlan, planHash } from '../domain/plan/analysis-plan.ts'
import type { Sums } from '../read-model/port.ts'
import { adjustedByRole } from './adjusted-p-values.ts'
import type { AnalysedEvents } from './analysed-events.ts'
import { FIRST_LOOK } from './compare-arms.ts'
import { checkHealth, QUALITY_TESTS } from './health.ts'
import type { HealthCheck } from './health-check.ts'
import type { Look } from './looks.ts'
import type { MetricResult, MissingResult, Results } from './metric-result.ts'
import { createComparer, makeTests, type PlannedTest, plannedTests } from './planned-tests.ts'
import { completeUnits, type Population, sumsOf } from './populations.ts'
import { type PlannedMetric, testLevels } from './role-tests.ts'
import { analyseSegments, type SegmentAnalysis } from './segments.ts'
import { createSequentialTest } from './sequential-tests.ts'
import { statementsOf } from './statements.ts'
import { recommend, type Verdict } from './verdict.ts'

/** Grows with every change of this directory or of the statistics that changes a digit. */
export const CODE_VERSION = '3'

/** Everything that an analysis is a function of, beside what the events give. */
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
  /** SHA-256, hex: equal inputs and equal events give an equal one, on any engine and datastore. It covers all but `sql`. */
  readonly hash: string
  readonly experimentVersion: number
  readonly planHash: string
  readonly codeVersion: string
  /** Every producer had delivered everything up to the cutoff, by the reports up to `asOf`. */
  readonly final: boolean
  /** Whether the results are of units whose windows were over, which a conclusion needs. */
  readonly complete: boolean
  readonly units: number
  /** Of a group sequential plan, the looks so far; else empty. What each test says at them is in its result. */
  readonly looks: readonly Look[]
  readonly results: readonly MetricResult[]
  readonly missing: readonly MissingResult[]
  /** For exploration: one for each attribute of the plan, in its order. They are no part of the verdict. */
  readonly segments: readonly SegmentAnalysis[]
  readonly health: readonly HealthCheck[]
  readonly verdict: Verdict
  /** What was run on the events, in order. */
  readonly sql: readonly string[]
}

/** The levels of the plan give no levels for its tests, for example because of its power. */
export type UnusablePlan = { readonly type: 'unusable-plan'; readonly reason: Reason }

export type AnalysisOutcome = { readonly type: 'analysed'; readonly analysis: Analysis } | UnusablePlan

/** The results of one version of an experiment: a pure function of what is given. */
export function analyse(inputs: AnalysisInputs, events: AnalysedEvents): AnalysisOutcome {
  const { version, plan, metrics, ...rest } = inputs
  const { sums, deliveries } = events
  const { variants } = version
  const treatments = variants.filter(({ isControl }) => !isControl).map(({ key }) => key)
  const quality = QUALITY_TESTS + metrics.filter(({ role }) => role === 'QUALITY').length
  const levels = testLevels(plan, metrics, treatments.length, quality)
  if (isRefusal(levels)) return { type: 'unusable-plan', reason: levels.refused }

  const metricKeys = [...new Set(metrics.map(({ definition }) => definition.key))]
  const stage = stageOf(inputs, events, metricKeys)
  const { complete, sample } = stage
  const population = complete || plan.method === 'GROUP_SEQUENTIAL' ? 'COMPLETE' : 'ALL'
  const tests = plannedTests(metrics, plan, levels, treatments)
  const { results, missing } = testMetrics(tests, inputs, events, population)
  const health = checkHealth(sums, {
    ...{ variants, metricKeys, deliveries },
    cutoff: inputs.cutoff,
    alpha: levels.quality ?? 0,
  })
  const content = {
    ...rest,
    metrics,
    plan,
    experimentVersion: version.version,
    planHash: planHash(plan),
    codeVersion: CODE_VERSION,
    final: deliveries.through !== null && deliveries.through >= inputs.cutoff - 1,
    complete,
    units: sums.units.reduce((sum, count) => sum + Number(count.units), 0),
    looks: events.looks.map(({ look }) => look),
    results,
    missing,
    segments: events.segments.map((segment) =>
      analyseSegments(segment.attribute, segment.sums, { plan, metrics, variants, population }),
    ),
    health,
    verdict: recommend({ treatments, metrics, results, missing, health, sample, conclude: stage.conclude }),
  }
  // The SQL is left out: it says how the sums were computed, not what they are.
  const digest = canonicalHash(content)
  return { type: 'analysed', analysis: { ...content, hash: digest, sql: statementsOf(events) } }
}

type Stage = {
  /** Whether results are of units with complete windows only. */
  readonly complete: boolean
  /** The planned sample. */
  readonly sample: { readonly reached: boolean; readonly detail: string }
  /** What the method allows before that: each one allows what is before it, too. */
  readonly conclude: 'NOTHING' | 'ROLLBACK' | 'SHIP'
}

/** How far the plan has come. */
function stageOf(
  { version, plan }: AnalysisInputs,
  { sums, looks }: AnalysedEvents,
  metricKeys: readonly string[],
): Stage {
  const { plannedSampleSize: planned, method, noAnalysis } = plan
  const sample = (reached: boolean, detail: string) =>
    noAnalysis === true
      ? { reached: false, detail: 'the plan asks for no analysis' }
      : planned === null
        ? { reached: false, detail: 'the plan names no sample size' }
        : { reached, detail: `${detail} of ${planned} planned units with complete windows` }
  if (method === 'GROUP_SEQUENTIAL') {
    const last = looks.at(-1)?.look
    return {
      complete: last !== undefined,
      sample: sample((last?.fraction ?? 0) >= 1, `look ${looks.length} has ${last?.units ?? 0}`),
      conclude: last === undefined ? 'NOTHING' : 'SHIP',
    }
  }
  const { total, smallest } = completeUnits(sums, metricKeys, version.variants)
  const reached = planned !== null && total >= planned
  // Before, units in the middle of their windows are in the results, and only health checks lead to a verdict.
  const complete = reached || (method === 'ALWAYS_VALID' && smallest >= FIRST_LOOK)
  return {
    complete,
    sample: sample(reached, String(total)),
    conclude: method === 'ALWAYS_VALID' && complete ? 'ROLLBACK' : 'NOTHING',
  }
}

function testMetrics(
  tests: readonly PlannedTest[],
  { version: { variants }, plan }: AnalysisInputs,
  events: AnalysedEvents,
  population: Population,
): Results {
  function comparer(sums: Sums) {
    return createComparer((key) => sumsOf(sums, key, population), variants, plan.cuped)
  }
  if (plan.method === 'GROUP_SEQUENTIAL') {
    const looks = events.looks.map(({ look, sums }) => ({ look, compare: comparer(sums) }))
    const { results, missing } = makeTests(tests, createSequentialTest(plan, looks))
    return { results: adjustedByRole(results), missing }
  }
  const compare = comparer(events.sums)
  const { results, missing } = makeTests(tests, (planned) => ({
    comparison: compare(planned, planned.test, plan),
    looks: [],
  }))
  return { results: adjustedByRole(results), missing }
}
