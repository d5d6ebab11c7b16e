import type { AnalysedEvents } from '../analysis/analysed-events.ts'
import type { Deliveries } from '../domain/deliveries.ts'
import type { MetricDefinition } from '../domain/plan/metric.ts'
import type { MetricSums, Sums } from '../read-model/port.ts'
import { MONDAY } from './samples.ts'

export function sampleMetric(overrides: Partial<MetricDefinition> = {}): MetricDefinition {
  return {
    key: 'plays',
    version: 1,
    name: 'Plays',
    kind: 'COUNT',
    event: 'PLAY',
    denominatorEvent: null,
    quantile: null,
    windowHours: 24,
    filter: null,
    cap: null,
    capPercentile: null,
    lowerIsBetter: false,
    createdBy: 'ana',
    createdAt: MONDAY,
    ...overrides,
  }
}

/** Of `sampleMetric`, in one variant, over units with complete windows. */
export function sampleMetricSums(
  sums: Partial<MetricSums> & Pick<MetricSums, 'variantKey' | 'n' | 'sum' | 'sumSquares'>,
): MetricSums {
  return {
    metricKey: 'plays',
    metricVersion: 1,
    segment: null,
    complete: true,
    denominator: null,
    covariate: null,
    covariateDenominator: null,
    ...sums,
  }
}

/** The sums of no events. */
export const NO_SUMS: Sums = {
  units: [],
  multiple: 0n,
  forced: [],
  excluded: [],
  served: [],
  servedMultiple: 0n,
  arrived: [],
  completed: [],
  omitted: { values: 0, units: 0n },
  metrics: [],
  quantiles: [],
  sql: [],
}

/** No producer has told what it served, so nothing can be missing. */
export const NO_DELIVERIES: Deliveries = { through: null, served: [], uncounted: 0, dropped: 0 }

/** What an analysis without looks and segments is made of, where no producer has reported. */
export function sampleEvents(sums: Sums): AnalysedEvents {
  return { sums, looks: [], segments: [], deliveries: NO_DELIVERIES }
}

/** Analysed units of a variant that were new on one day. */
export function sampleUnits(
  variantKey: string,
  units: bigint,
  { day = 0, degraded = 0n }: { readonly day?: number; readonly degraded?: bigint } = {},
): Sums['units'][number] {
  return { variantKey, segment: null, day, units, degraded }
}
