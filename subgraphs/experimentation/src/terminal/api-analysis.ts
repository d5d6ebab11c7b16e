import type { ApiAnalysis } from '../api/run-analysis.ts'
import type { ReportedAnalysis } from './analysis-report.ts'

/** What the API answers, as a report shows it. */
export function toReported(analysis: ApiAnalysis, experimentKey: string): ReportedAnalysis {
  const { plan, metrics, missing, cutoff, asOf } = analysis
  return {
    ...analysis,
    experimentKey,
    planHash: plan.hash,
    cutoff: Date.parse(cutoff),
    asOf: Number(asOf),
    results: metrics.map(toResult),
    missing: missing.map(toMissing),
    segments: analysis.bySegment.map(({ segment, segmentValues, segmentOmittedUnits, ...part }) => ({
      attribute: segment,
      values: segmentValues.map(({ value, units }) => {
        const own = (test: { readonly segmentValue: string | null }) => test.segmentValue === value
        return {
          ...{ value, units },
          results: part.metrics.filter(own).map(toResult),
          missing: part.missing.filter(own).map(toMissing),
        }
      }),
      omitted: { units: segmentOmittedUnits },
    })),
  }
}

function toResult({ metric, looks, ...result }: ApiAnalysis['metrics'][number]) {
  return {
    ...{ metricKey: metric.key, metricVersion: metric.version, ...result },
    looks: looks.map((look) => ({ ...look, cutoff: Date.parse(look.cutoff) })),
  }
}

function toMissing({ metric, ...missing }: ApiAnalysis['missing'][number]) {
  return { metricKey: metric.key, metricVersion: metric.version, ...missing }
}
