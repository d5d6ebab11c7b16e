import { formatTable } from '@bulkhead/service/format-table'
import { plainText } from '@bulkhead/service/plain-text'
import type { Analysis } from '../analysis/analyse.ts'
import type { HealthCheck } from '../analysis/health-check.ts'
import type { MetricResult, MissingResult } from '../analysis/metric-result.ts'
import type { SegmentAnalysis } from '../analysis/segments.ts'
import type { VerdictReason } from '../analysis/verdict.ts'
import { drawn, drawnZero, effectCells, pValueCell, reachOf, shown } from './effect-cells.ts'
import { healthTable } from './health-table.ts'

/** What a report shows; names come as text, since an API may know more of them. */
export type ReportedAnalysis = Pick<
  Analysis,
  | 'experimentKey'
  | 'experimentVersion'
  | 'planHash'
  | 'cutoff'
  | 'asOf'
  | 'hash'
  | 'units'
  | 'complete'
  | 'final'
  | 'results'
  | 'verdict'
> & {
  readonly plan: { readonly method: string; readonly scale: Analysis['plan']['scale'] }
  readonly missing: readonly ReportedMissing[]
  readonly health: readonly ReportedCheck[]
  readonly segments: readonly ReportedSegment[]
}
type ReportedSegment = Pick<SegmentAnalysis, 'attribute'> & {
  readonly values: readonly (Omit<SegmentAnalysis['values'][number], 'missing'> & {
    readonly missing: readonly ReportedMissing[]
  })[]
  readonly omitted: Pick<SegmentAnalysis['omitted'], 'units'>
}
type ReportedMissing = Omit<MissingResult, 'reason'> & { readonly reason: string }
type ReportedCheck = Omit<HealthCheck, 'kind'> & { readonly kind: string }

/** An analysis as a person reads it in a terminal. */
export function analysisReport(analysis: ReportedAnalysis): string {
  const { experimentKey, experimentVersion, plan, cutoff, asOf, units, complete, results, missing } = analysis
  const percent = plan.scale === 'RELATIVE'
  const windows = complete ? 'windows complete' : 'preliminary'
  const delivered = analysis.final ? 'final' : 'not final: events may follow'
  return [
    `${experimentKey}, version ${experimentVersion}: ${units} units until ${new Date(cutoff).toISOString()}, ${windows}, ${delivered}`,
    `plan ${analysis.planHash.slice(0, 12)} (${plan.method}), events up to position ${asOf}, analysis ${analysis.hash.slice(0, 12)}`,
    '',
    results.length === 0 ? 'No results.' : resultTable(results, percent),
    ...missing.map(missingLine),
    ...lookTable(results, percent),
    ...analysis.segments.flatMap((segment) => segmentTable(segment, percent)),
    '',
    healthTable(analysis.health),
    '',
    recommendationLine(analysis.verdict),
    ...analysis.verdict.reasons.map(reasonLine),
  ].join('\n')
}

function resultTable(results: readonly MetricResult[], percent: boolean): string {
  const reach = reachOf(results.map(({ effect }) => effect))
  return formatTable(
    ['metric', 'role', ...RESULT_COLUMNS],
    results.map((result) => [result.metricKey, result.role, ...resultCells(result, percent, reach)]),
  )
}

const RESULT_COLUMNS = [
  'variant',
  'control',
  'treatment',
  'effect',
  'interval',
  'p',
  'adjusted',
  drawnZero(),
] as const

function resultCells(result: MetricResult, percent: boolean, reach: number): readonly string[] {
  return [
    result.variantKey,
    shown(result.controlMean),
    shown(result.mean),
    ...effectCells(result.effect, percent && result.relative !== null),
    pValueCell(result.pValue, result.significant),
    result.adjustedPValue.toPrecision(2),
    drawn(result.effect, reach),
  ]
}

/** The cumulative looks of each test, as a sequential plot shows them. */
function lookTable(results: readonly MetricResult[], percent: boolean): readonly string[] {
  const points = results.flatMap((result) => result.looks.map((look) => ({ result, look })))
  if (points.length === 0) return []
  const reach = reachOf(points.flatMap(({ look }) => look.effect ?? []))
  const rows = points.map(({ result, look }) => [
    result.metricKey,
    result.role,
    result.variantKey,
    new Date(look.cutoff).toISOString().slice(0, 10),
    `${look.units} (${(look.fraction * 100).toFixed(1)} %)`,
    look.bound.toFixed(3),
    look.nominalAlpha.toPrecision(2),
    pValueCell(look.pValue, look.crossed),
    ...(look.effect === null
      ? ['-', '-', '']
      : [...effectCells(look.effect, percent && result.relative !== null), drawn(look.effect, reach)]),
  ])
  const columns = ['metric', 'role', 'variant', 'look', 'units', 'bound', 'level', 'p', 'effect', 'interval']
  return ['', formatTable([...columns, drawnZero()], rows)]
}

function segmentTable(segment: ReportedSegment, percent: boolean): readonly string[] {
  const { values, omitted } = segment
  const attribute = plainText(segment.attribute)
  const results = values.flatMap(({ results: own }) => own)
  const reach = reachOf(results.map(({ effect }) => effect))
  const rows = values.flatMap(({ value, units, results: own }) =>
    own.map((result) => [
      nameOf(value),
      String(units),
      result.metricKey,
      ...resultCells(result, percent, reach),
    ]),
  )
  const missing = values.flatMap(({ value, missing: own }) =>
    own.map((test) => `${nameOf(value)}: ${missingLine(test)}`),
  )
  const left = omitted.units === 0 ? '' : `; ${omitted.units} units with smaller values are left out`
  return [
    '',
    `By ${attribute}, for exploration only${left}`,
    ...(rows.length === 0 ? [] : [formatTable([attribute, 'units', 'metric', ...RESULT_COLUMNS], rows)]),
    ...missing,
  ]
}

/** A value is what a caller has sent as an attribute. */
function nameOf(value: string | null): string {
  return value === null ? '(none)' : plainText(value)
}

function missingLine({ metricKey, role, variantKey, reason }: ReportedMissing): string {
  return `${metricKey} (${role}, ${variantKey}): no result, ${reason.replaceAll('-', ' ')}`
}

/** What the decision rule recommends, and which variant it would ship. */
export function recommendationLine({
  recommendation,
  variantKey,
}: {
  readonly recommendation: string
  readonly variantKey: string | null
}): string {
  return `Recommendation: ${recommendation}${variantKey === null ? '' : ` ${plainText(variantKey)}`}`
}

function reasonLine({ rule, holds, detail }: VerdictReason): string {
  return `  ${holds ? 'yes' : 'no '} ${rule}: ${plainText(detail)}`
}
