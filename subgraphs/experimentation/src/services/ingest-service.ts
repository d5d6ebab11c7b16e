import {
  type EventBatchResult,
  type ExposureEvent,
  eventBatchSchema,
  eventIdSchema,
  type IngestEvent,
  ingestEventSchema,
} from '@bulkhead/contracts'
import type { Clock } from '@bulkhead/service/clock'
import { serviceError } from '@bulkhead/service/errors'
import type { Metrics } from '@bulkhead/service/metrics'
import type { ExperimentationStore, IncomingEvent, RejectedEvent } from '../datastore/port.ts'
import {
  type EventRefusal,
  type EventWindow,
  isCounted,
  refuseEventTime,
  refuseExposure,
  refuseExposureId,
} from '../domain/event-admission.ts'
import type { Experiment } from '../domain/experiment.ts'
import { EXPERIMENTATION_ERRORS } from '../errors.ts'
import { recordIngestSpans, type TracedEvent } from './ingest-spans.ts'
import { cutJson } from './rejected-body.ts'

export type IngestService = {
  /**
   * Takes in one EventBatch v1. Resolves when each of its events is durable, accepted or refused. A sender that got no
   * answer can send the batch again, and nothing is counted twice. Rejects with DatastoreUnavailableError; the batch
   * must then be sent again.
   * @param raw the body of the request, not validated
   * @throws ServiceError MALFORMED_BATCH if the envelope is invalid
   */
  ingest(raw: unknown): Promise<EventBatchResult>
}

export type IngestServiceOptions = {
  readonly store: Pick<ExperimentationStore, 'experimentsByKeys' | 'ingest' | 'reject'>
  readonly clock: Clock
  readonly metrics: Metrics
  readonly window: EventWindow
}

const MAX_REJECTED_BODY_BYTES = 8_192
const MAX_MESSAGE_LENGTH = 500
const NOT_STORED = 'not stored'

type Verdict =
  | { readonly type: 'accepted'; readonly event: IngestEvent; readonly counted: boolean }
  | {
      readonly type: 'refused'
      readonly kind: string
      readonly refusal: EventRefusal
      /** Null where it cannot be read. */
      readonly event: IngestEvent | null
    }

export function createIngestService(options: IngestServiceOptions): IngestService {
  const { store, clock, window } = options
  const counters = createCounters(options.metrics)

  /**
   * The experiments that the exposures name, by key. Read again for each batch, in one round trip, because another
   * replica may have started or stopped one meanwhile.
   */
  async function experimentsOf(
    exposures: readonly ExposureEvent[],
  ): Promise<ReadonlyMap<string, Experiment>> {
    const keys = [...new Set(exposures.map(({ experimentKey }) => experimentKey))]
    if (keys.length === 0) return new Map()
    const found = await store.experimentsByKeys(keys)
    return new Map(found.map((experiment) => [experiment.key, experiment]))
  }

  function judge(event: IngestEvent, known: ReadonlyMap<string, Experiment>, now: number): Verdict {
    const { kind } = event
    const untimely = refuseEventTime(event, window, now)
    if (untimely !== null) return { type: 'refused', kind, refusal: untimely, event }
    if (kind !== 'exposure') return { type: 'accepted', event, counted: false }
    const experiment = known.get(event.experimentKey)
    const refusal = refuseExposureId(event) ?? refuseExposure(event, experiment)
    if (refusal !== null) return { type: 'refused', kind, refusal, event }
    return { type: 'accepted', event, counted: experiment !== undefined && isCounted(event, experiment) }
  }

  async function judgeAll(events: readonly unknown[], now: number): Promise<readonly Verdict[]> {
    const parsed = events.map((raw) => ingestEventSchema.safeParse(raw))
    const known = await experimentsOf(
      parsed.flatMap((event) => (event.success && event.data.kind === 'exposure' ? [event.data] : [])),
    )
    return parsed.map((event): Verdict => {
      if (!event.success) {
        const message = describeIssues(event.error.issues)
        return {
          type: 'refused',
          kind: 'unknown',
          refusal: { code: 'MALFORMED_EVENT', message },
          event: null,
        }
      }
      return judge(event.data, known, now)
    })
  }

  return {
    async ingest(raw) {
      const batch = eventBatchSchema.safeParse(raw)
      if (!batch.success) {
        const message = `The body is not an EventBatch v1: ${describeIssues(batch.error.issues)}.`
        throw serviceError(EXPERIMENTATION_ERRORS.MALFORMED_BATCH, message)
      }
      const { producer, events } = batch.data
      const now = clock.now()
      const startedAt = performance.now()
      const verdicts = await judgeAll(events, now)

      const accepted: IncomingEvent[] = []
      const refused: RejectedEvent[] = []
      const rejected: EventBatchResult['rejected'] = []
      for (const [index, verdict] of verdicts.entries()) {
        if (verdict.type === 'accepted') {
          accepted.push({
            event: withoutTrace(verdict.event),
            producer,
            recordedAt: now,
            counted: verdict.counted,
          })
          continue
        }
        const eventId = readEventId(events[index])
        const body = cutJson(events[index], MAX_REJECTED_BODY_BYTES)
        refused.push({ eventId, producer, ...verdict.refusal, body, rejectedAt: now })
        rejected.push({ index, eventId, ...verdict.refusal })
      }
      try {
        if (accepted.length > 0) await store.ingest(accepted)
        if (refused.length > 0) await store.reject(refused)
      } catch (error) {
        recordIngestSpans(tracedEvents(verdicts, NOT_STORED), startedAt)
        throw error
      }
      recordIngestSpans(tracedEvents(verdicts, null), startedAt)
      counters.count(verdicts)
      return { accepted: accepted.length, rejected }
    },
  }
}

/** @param otherwise why those were not taken in that nobody refused */
function tracedEvents(verdicts: readonly Verdict[], otherwise: string | null): readonly TracedEvent[] {
  return verdicts.flatMap((verdict) => {
    if (verdict.event === null) return []
    const refusal = verdict.type === 'refused' ? verdict.refusal.code : otherwise
    return [{ event: verdict.event, refusal }]
  })
}

/** The trace is no part of what happened. */
function withoutTrace(event: IngestEvent): IngestEvent {
  if (event.kind === 'heartbeat' || event.traceparent === undefined) return event
  const { traceparent: _, ...rest } = event
  return rest
}

function createCounters(metrics: Metrics) {
  const events = metrics.counter({
    name: 'bulkhead_ingest_events_total',
    help: 'Events of the batches that ingest has answered, duplicates included, by kind and outcome',
    labelNames: ['kind', 'outcome'],
  })
  const rejections = metrics.counter({
    name: 'bulkhead_ingest_rejected_total',
    help: 'Events that ingest refused, by error code',
    labelNames: ['code'],
  })
  return {
    count(verdicts: readonly Verdict[]): void {
      for (const verdict of verdicts) {
        if (verdict.type === 'accepted') {
          events.inc({ kind: verdict.event.kind, outcome: 'accepted' })
        } else {
          events.inc({ kind: verdict.kind, outcome: 'rejected' })
          rejections.inc({ code: verdict.refusal.code })
        }
      }
    },
  }
}

function readEventId(raw: unknown): string | null {
  if (typeof raw !== 'object' || raw === null || !('eventId' in raw)) return null
  const parsed = eventIdSchema.safeParse(raw.eventId)
  return parsed.success ? parsed.data : null
}

function describeIssues(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): string {
  const described = issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`,
  )
  return described.join('; ').slice(0, MAX_MESSAGE_LENGTH).toWellFormed()
}
