import { createDurations, type Metrics, REQUEST_SECONDS } from './metrics.ts'

type Route = {
  readonly took: (seconds: number) => void
  /** Not in the metrics yet, by method and status. */
  readonly counts: Map<string, Map<number, number>>
}

/**
 * Counts answered requests, with their durations.
 * @returns called with the route's pattern, the method, the status and the seconds of each request. Patterns and methods
 * must be few: each is kept for ever
 */
export function countAnswers(
  metrics: Metrics,
): (route: string, method: string, status: number, seconds: number) => void {
  const routes = new Map<string, Route>()
  const requests = metrics.counter({
    name: 'bulkhead_http_requests_total',
    help: 'HTTP requests answered, by route pattern, method and status',
    labelNames: ['route', 'method', 'status'],
    // Until then they are only counted: the metrics' own work for each would be a fiftieth of the request.
    collect: publish,
  })
  const durations = createDurations(metrics, {
    name: 'bulkhead_http_request_duration_seconds',
    help: 'Time from the arrival of a request to its answer, by route pattern',
    labelNames: ['route'],
    buckets: REQUEST_SECONDS,
  })

  function publish(): void {
    for (const [route, { counts }] of routes) {
      for (const [method, byStatus] of counts) {
        for (const [status, count] of byStatus) requests.inc({ route, method, status: String(status) }, count)
        byStatus.clear()
      }
    }
  }

  function add(route: string): Route {
    const added = { took: durations({ route }), counts: new Map() }
    routes.set(route, added)
    return added
  }

  return (route, method, status, seconds) => {
    const { took, counts } = routes.get(route) ?? add(route)
    took(seconds)
    let byStatus = counts.get(method)
    if (!byStatus) {
      byStatus = new Map()
      counts.set(method, byStatus)
    }
    byStatus.set(status, (byStatus.get(status) ?? 0) + 1)
  }
}
