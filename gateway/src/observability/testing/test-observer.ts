import type { Metrics } from '@bulkhead/service/metrics'
import type { AccessLog } from '../access-log.ts'
import { createRequestMetrics } from '../request-metrics.ts'
import { createRequestObserver, type RequestObserver } from '../request-observer.ts'

/** An observer with metrics; without an access log unless one is given. */
export function testObserver(metrics: Metrics, accessLog: AccessLog | null = null): RequestObserver {
  return createRequestObserver({ metrics: createRequestMetrics(metrics), accessLog, recordUsage: null })
}
