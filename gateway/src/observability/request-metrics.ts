import { COMMON_ERRORS } from '@bulkhead/service/errors'
import { createDurations, type Metrics, REQUEST_SECONDS } from '@bulkhead/service/metrics'
import { GATEWAY_ERRORS } from '../errors.ts'
import type { DeferIgnored, PreparedOperation } from '../operations/prepare-operation.ts'

/** Upper bound on operation names that have series of their own: each costs memory for ever, and clients choose them. */
export const MAX_OPERATION_NAMES = 100
/** A name that is longer counts as `other`. */
const MAX_NAME_LENGTH = 100
const OTHER = 'other'
const ANONYMOUS = 'anonymous'

export type RequestMetrics = {
  began(): void
  ended(): void
  /** An operation got its answer, or the first part of it. */
  answered(operation: PreparedOperation, seconds: number): void
  /** A later part was sent, so long after the start of the request. */
  sentLater(seconds: number): void
  failed(code: string): void
  /** An operation was answered in one piece although its client takes `@defer`. */
  deferIgnored(reason: DeferIgnored): void
}

type Took = (seconds: number) => void

export function createRequestMetrics(metrics: Metrics): RequestMetrics {
  let inFlight = 0
  metrics.gauge({
    name: 'bulkhead_operations_in_flight',
    help: 'Requests to /graphql under way, those included whose deferred parts are still sent',
    collect() {
      this.set(inFlight)
    },
  })
  const durations = createDurations(metrics, {
    name: 'bulkhead_operation_seconds',
    help: `Time from a request to its answer, or to the first part of it, by operation name: the first ${MAX_OPERATION_NAMES} names, then other`,
    labelNames: ['operation'],
    buckets: REQUEST_SECONDS,
  })
  const later = metrics.histogram({
    name: 'bulkhead_deferred_part_seconds',
    help: 'Time from a request to each later part of its answer',
    buckets: REQUEST_SECONDS,
  })
  const errors = metrics.counter({
    name: 'bulkhead_errors_total',
    help: 'Errors in answers to clients, by code; codes that the gateway does not know, such as those of subgraphs, are other',
    labelNames: ['code'],
  })
  const ignored = metrics.counter({
    name: 'bulkhead_defer_ignored_total',
    help: 'Operations answered in one piece although the client takes @defer, by reason: planner or interface_object',
    labelNames: ['reason'],
  })
  const codes = [...Object.keys(COMMON_ERRORS), ...Object.keys(GATEWAY_ERRORS), OTHER]
  const errorsByCode = new Map(codes.map((code) => [code, errors.labels({ code })]))
  // Shown from the start, so that the first one is an increase.
  for (const counter of errorsByCode.values()) counter.inc(0)

  const names = new Map<string, Took>()
  /** Prepared operations come and go with the cache, and their series are found again by name. */
  const ofOperations = new WeakMap<PreparedOperation, Took>()

  function durationOf({ operation }: PreparedOperation): Took {
    const given = operation.name?.value ?? ANONYMOUS
    const isNew = !names.has(given)
    const name =
      isNew && (given.length > MAX_NAME_LENGTH || names.size >= MAX_OPERATION_NAMES) ? OTHER : given
    let duration = names.get(name)
    if (!duration) {
      duration = durations({ operation: name })
      names.set(name, duration)
    }
    return duration
  }

  return {
    began() {
      inFlight += 1
    },
    ended() {
      inFlight -= 1
    },
    answered(operation, seconds) {
      let duration = ofOperations.get(operation)
      if (!duration) {
        duration = durationOf(operation)
        ofOperations.set(operation, duration)
      }
      duration(seconds)
    },
    sentLater: (seconds) => later.observe(seconds),
    failed(code) {
      const counter = errorsByCode.get(code) ?? errorsByCode.get(OTHER)
      counter?.inc()
    },
    deferIgnored: (reason) => ignored.inc({ reason }),
  }
}
