import { createHttpServer } from '@bulkhead/service/http-server'
import { createMetrics, type Metrics } from '@bulkhead/service/metrics'
import { captureLog } from '@bulkhead/service/testing/captured-log'
import { onTestFinished } from 'vitest'
import { mountGraphqlRoute } from '../http/graphql-route.ts'
import type { Authenticate } from '../identity/authenticate.ts'
import { createAccessLog } from '../observability/access-log.ts'
import { createPlanningMetrics } from '../observability/planning-metrics.ts'
import { createRequestMetrics } from '../observability/request-metrics.ts'
import { createRequestObserver } from '../observability/request-observer.ts'
import { createOperationCache } from '../operations/operation-cache.ts'
import { createPersistedOperations } from '../persisted-operations/persisted-operations.ts'
import type { Admit } from '../protection/rate-limit.ts'
import type { FetchAnswer } from '../subgraphs/fetch-subgraph.ts'
import type { Supergraph } from '../supergraph/supergraph.ts'
import { fakeFetch, notesOf, type SentFetch, sampleGraph } from './sample-graph.ts'

export type Respond = (sent: SentFetch) => Partial<FetchAnswer> | Promise<Partial<FetchAnswer>>

/** One page with notes. */
export const respondAsUsual: Respond = ({ subgraph, ids }) =>
  subgraph === 'pages' ? { data: { page: { __typename: 'Page', id: '1' } } } : notesOf(ids)

const GRAPH = sampleGraph()

/** `POST /graphql` with nothing around it, in front of subgraphs that answer so. It is closed after the test. */
export function testRoute(
  options: {
    readonly respond?: Respond
    readonly supergraph?: Supergraph
    readonly authenticate?: Authenticate
    readonly accessLog?: 'on' | 'off'
    /** Made with the route's own metrics; lets everything pass where it is left out. */
    readonly createAdmit?: (metrics: Metrics) => Admit
  } = {},
) {
  const {
    respond = respondAsUsual,
    supergraph = GRAPH,
    authenticate = () => null,
    accessLog = 'off',
    createAdmit = () => () => null,
  } = options
  const { log, lines } = captureLog()
  const metrics = createMetrics({ service: 'test' })
  const app = createHttpServer({ log, metrics, readiness: () => ({ ready: true, checks: {} }) })
  const operations = createOperationCache(supergraph, { observer: createPlanningMetrics(metrics) })
  const { fetch, sent } = fakeFetch(respond)
  mountGraphqlRoute(app, {
    authenticate,
    operations: () => operations,
    persistedOperations: createPersistedOperations('off', new Map()),
    admit: createAdmit(metrics),
    fetch,
    deadlines: { rootMs: 5_000, entityMs: 150, deferredMs: 10_000 },
    observer: createRequestObserver({
      metrics: createRequestMetrics(metrics),
      accessLog: createAccessLog(log, accessLog),
      recordUsage: null,
    }),
    log,
    metrics,
  })
  onTestFinished(() => app.close())

  const post = (payload: string | object, headers: Readonly<Record<string, string>> = {}) =>
    app.inject({
      method: 'POST',
      url: '/graphql',
      payload,
      headers: { 'content-type': 'application/json', 'x-request-id': 'request-0001', ...headers },
    })
  return { app, post, sent, lines, metrics }
}
