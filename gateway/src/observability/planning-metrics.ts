import type { Metrics } from '@bulkhead/service/metrics'
import type { OperationCacheObserver } from '../operations/operation-cache.ts'

/** Seconds. Plans take from a tenth of a millisecond to seconds. */
const PLAN_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

export function createPlanningMetrics(metrics: Metrics): OperationCacheObserver {
  const lookups = metrics.counter({
    name: 'bulkhead_operation_cache_lookups_total',
    help: 'Requests for a prepared operation, by result: hit, or miss where it is parsed and validated',
    labelNames: ['result'],
  })
  const hits = lookups.labels({ result: 'hit' })
  const misses = lookups.labels({ result: 'miss' })
  // Shown from the start, so that the first one is an increase.
  hits.inc(0)
  misses.inc(0)
  const plans = metrics.histogram({
    name: 'bulkhead_plan_seconds',
    help: 'How long plans took to make, those included that are made before a new supergraph takes over',
    buckets: PLAN_BUCKETS,
  })
  return {
    hit: () => hits.inc(),
    miss: () => misses.inc(),
    planned: (seconds) => plans.observe(seconds),
  }
}
