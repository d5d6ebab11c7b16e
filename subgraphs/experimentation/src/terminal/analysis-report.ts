import { formatTable } from '@bulkhead/service/format-table'
import type { Analysis } from '../analysis/analyse.ts'
import type { HealthCheck } from '../analysis/health.ts'
import type { Interval, MetricResult, MissingResult } from '../analysis/metric-result.ts'
import type { VerdictReason } from '../analysis/verdict.ts'

const WIDTH = 31
const MIDDLE = (WIDTH - 1) / 2

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
  | 'results'
  | 'verdict'
> & {
  readonly plan: { readonly method: string; readonly scale: Analysis['plan']['scale'] }
  readonly missing: readonly ReportedMissing[]
  readonly health: readonly ReportedCheck[]
}
type ReportedMissing = Omit<MissingResult, 'reason'> & { readonly reason: string }
type ReportedCheck = Omit<HealthCheck, 'kind'> & { readonly kind: string }

/** An analysis as a person reads it in a terminal. */
export function analysisReport(analysis: ReportedAnalysis): string {
  const { experimentKey, experimentVersion, plan, cutoff, asOf, units, complete, results, missing } = analysis
  const percent = plan.scale === 'RELATIVE'
  const windows = complete ? 'windows complete' : 'preliminary'
  return [
    `${experimentKey}, version ${experimentVersion}: ${units} units until ${new Date(cutoff).toISOString()}, ${windows}`,
    `plan ${analysis.planHash.slice(0, 12)} (${plan.method}), events up to position ${asOf}, analysis ${analysis.hash.slice(0, 12)}`,
    '',
    results.length === 0 ? 'No results.' : resultTable(results, percent),
    ...missing.map(missingLine),
    '',
    formatTable(['health', 'passed', 'p', 'observed'], analysis.health.map(healthRow)),
    '',
    `Recommendation: ${analysis.verdict.recommendation}${shipped(analysis)}`,
    ...analysis.verdict.reasons.map(reasonLine),
  ].join('\n')
}

function resultTable(results: readonly MetricResult[], percent: boolean): string {
  const reach = Math.max(
    ...results.flatMap(({ effect: { estimate, lower, upper } }) =>
      [estimate, lower ?? 0, upper ?? 0].map(Math.abs),
    ),
  )
  return formatTable(
    ['metric', 'role', 'variant', 'control', 'treatment', 'effect', 'interval', 'p', drawnZero()],
    results.map((result) => [
      result.metricKey,
      result.role,
      result.variantKey,
      shown(result.controlMean),
      shown(result.mean),
      ...effectCells(result.effect, percent && result.relative !== null),
      `${result.pValue.toPrecision(2)}${result.significant ? ' *' : '  '}`,
      drawn(result.effect, reach),
    ]),
  )
}

/** @param percent false on the absolute scale: there an effect also is where the control's mean is 0 */
function effectCells({ estimate, lower, upper }: Interval, percent: boolean): readonly string[] {
  return [effect(estimate, percent), `[${bound(lower, percent)}, ${bound(upper, percent)}]`]
}

function drawnZero(): string {
  return `${' '.repeat(MIDDLE)}0${' '.repeat(MIDDLE)}`
}

/** The interval on a line whose middle is 0 and whose ends are `reach` away. */
function drawn({ estimate, lower, upper }: Interval, reach: number): string {
  function at(value: number): number {
    return reach === 0 ? MIDDLE : Math.round(MIDDLE + (value / reach) * MIDDLE)
  }
  const from = lower === null ? 0 : at(lower)
  const to = upper === null ? WIDTH - 1 : at(upper)
  return Array.from({ length: WIDTH }, (_, column) => {
    if (column === at(estimate)) return 'o'
    if (column >= from && column <= to) return '-'
    return column === MIDDLE ? '|' : ' '
  }).join('')
}

function effect(value: number, percent: boolean): string {
  const text = percent ? `${(value * 100).toFixed(2)} %` : shown(value)
  return value > 0 ? `+${text}` : text
}

function bound(value: number | null, percent: boolean): string {
  return value === null ? 'open' : effect(value, percent)
}

function shown(value: number): string {
  return Number(value.toPrecision(5)).toString()
}

function missingLine({ metricKey, role, variantKey, reason }: ReportedMissing): string {
  return `${metricKey} (${role}, ${variantKey}): no result, ${reason.replaceAll('-', ' ')}`
}

function healthRow({ kind, passed, pValue, detail }: ReportedCheck): readonly string[] {
  return [kind, passed ? 'yes' : 'NO', pValue === null ? '-' : pValue.toPrecision(2), detail]
}

function shipped({ verdict: { variantKey } }: ReportedAnalysis): string {
  return variantKey === null ? '' : ` ${variantKey}`
}

function reasonLine({ rule, holds, detail }: VerdictReason): string {
  return `  ${holds ? 'yes' : 'no '} ${rule}: ${detail}`
}
