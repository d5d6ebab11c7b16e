import { sampleMetric } from '../../testing/sample-metrics.ts'
import { DAY, MONDAY } from '../../testing/samples.ts'
import type { SumsQuery } from '../port.ts'

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
