import { MAX_EVENTS_PER_BATCH } from '@bulkhead/contracts'
import { serviceError } from '@bulkhead/service/errors'
import { isRecord } from '@bulkhead/service/json'
import type { Metrics } from '@bulkhead/service/metrics'
import { requireBearer } from '@bulkhead/service/secrets'
import type { FastifyInstance, FastifyRequest, onRequestHookHandler, onSendHookHandler } from 'fastify'
import { EXPERIMENTATION_ERRORS } from '../errors.ts'
import type { IdentifySource } from '../services/event-sources.ts'
import type { IngestService } from '../services/ingest-service.ts'
import { type AdmissionLimits, createAdmission, type Permit } from './admission.ts'

export type EventsRouteOptions = {
  readonly ingest: IngestService
  readonly identify: IdentifySource
  /** What exceeds them is answered 429. */
  readonly limits: AdmissionLimits
  readonly metrics: Metrics
}

const RETRY_AFTER_SECONDS = '1'

/**
 * `POST /v1/events`, bearer `events:write` or the token of a service: takes in one EventBatch v1 and answers after it is
 * durable.
 *
 * 200 EventBatchResult v1 (refused events come back one by one), 400 MALFORMED_BATCH or unreadable JSON, 401, 403 for a
 * producer that the token does not cover, 413, 415, and with `Retry-After` 429 INGEST_OVERLOADED and 503
 * DATASTORE_UNAVAILABLE. After any other answer than 200, a sender must treat the whole batch as not stored; sending it
 * again is safe.
 */
export function addEventsRoute(app: FastifyInstance, options: EventsRouteOptions): void {
  const { ingest, identify, limits, metrics } = options
  const admission = createAdmission(limits)
  metrics.gauge({
    name: 'bulkhead_ingest_queued_events',
    help: 'Events of the batches that ingest is working on',
    collect() {
      this.set(admission.events())
    },
  })
  const sources = new WeakMap<FastifyRequest, NonNullable<ReturnType<IdentifySource>>>()
  const permits = new WeakMap<FastifyRequest, Permit>()

  function isKnown(token: string | undefined, request: FastifyRequest): boolean {
    const source = identify(token)
    if (source !== null) sources.set(request, source)
    return source !== null
  }

  const admit: onRequestHookHandler = (request, reply, done) => {
    const permit = admission.admit(reply.raw)
    if (permit === null) return done(serviceError(EXPERIMENTATION_ERRORS.INGEST_OVERLOADED))
    permits.set(request, permit)
    done()
  }

  app.route({
    method: 'POST',
    url: '/v1/events',
    onRequest: [requireBearer(isKnown), admit],
    onSend: addRetryAfter,
    handler(request) {
      const source = sources.get(request)
      const permit = permits.get(request)
      if (source === undefined || permit === undefined) {
        throw new Error('a request reached ingest without a source or a permit')
      }
      const { body } = request
      const answer = permit.during(countEvents(body), () => ingest.ingest(body, source))
      if (answer === null) throw serviceError(EXPERIMENTATION_ERRORS.INGEST_OVERLOADED)
      return answer
    },
  })
}

/** Of a body that is not validated yet; one that is no batch has none. */
function countEvents(body: unknown): number {
  const batch = isRecord(body) ? body : {}
  const count = Array.isArray(batch.events) ? batch.events.length : 0
  // A longer one is refused for its length, which must not depend on how busy ingest is.
  return Math.min(count, MAX_EVENTS_PER_BATCH)
}

/** Added to every 429 and 503, also to those of the error handler. */
const addRetryAfter: onSendHookHandler = (_request, reply, _payload, done) => {
  if (reply.statusCode === 429 || reply.statusCode === 503) reply.header('retry-after', RETRY_AFTER_SECONDS)
  done()
}
