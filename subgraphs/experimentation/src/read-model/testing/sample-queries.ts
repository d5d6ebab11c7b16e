import type { MetricDefinition } from '../../domain/plan/metric.ts'
import { DAY, MONDAY } from '../../testing/samples.ts'
import type { SumsQuery } from '../port.ts'

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
    createdAt: 0,
    ...overrides,
  }
}

/** About experiment `mix`, which has been running since Monday. */
export function sampleSumsQuery(overrides: Partial<SumsQuery> & Pick<SumsQuery, 'asOf'>): SumsQuery {
  return {
    experimentKey: 'mix',
    version: 1,
    variantKeys: ['control', 'treatment'],
    intervals: [{ from: MONDAY, to: null }],
    excludedUnits: [],
    cutoff: MONDAY + 3 * DAY,
    metrics: [sampleMetric({ kind: 'MEAN' }), sampleMetric({ filter: { category: 'jazz' } })],
    covariateWindowMs: DAY,
    segment: null,
    ...overrides,
  }
}
