import { type EventBatchResult, eventBatchSchema, eventIdSchema } from '@bulkhead/contracts'
import type { Clock } from '@bulkhead/service/clock'
import { COMMON_ERRORS, serviceError } from '@bulkhead/service/errors'
import { isRecord } from '@bulkhead/service/json'
import type { Metrics } from '@bulkhead/service/metrics'
import type { ExperimentationStore, IncomingEvent, RejectedEvent } from '../datastore/port.ts'
import { type EventWindow, rejectedEventId, storedEventId } from '../domain/event-admission.ts'
import { type EventSource, mayNameProducer } from '../domain/event-source.ts'
import type { Experiment } from '../domain/experiment.ts'
import {
  describeIssues,
  type EventReading,
  type EventVerdict,
  judgeEvent,
  readEvent,
} from '../domain/judge-event.ts'
import { toStoredEvent } from '../domain/stored-event.ts'
import { EXPERIMENTATION_ERRORS } from '../errors.ts'
import { recordIngestSpans, type TracedEvent } from './ingest-spans.ts'
import { cutJson } from './rejected-body.ts'

export type IngestService = {
  /**
   * Takes in one EventBatch v1. Resolves when each of its events is durable, accepted or refused. A sender that got no
   * answer can send the batch again, and nothing is counted twice. Rejects with DatastoreUnavailableError; the batch
   * must then be sent again.
   * @param raw the body of the request, not validated
   * @param source who sends it, by its token
   * @throws ServiceError MALFORMED_BATCH if the envelope is invalid, FORBIDDEN if it names a producer that is not the
   *   source's
   */
  ingest(raw: unknown, source: EventSource): Promise<EventBatchResult>
}

export type IngestServiceOptions = {
  readonly store: Pick<ExperimentationStore, 'experimentsByKeys' | 'ingest' | 'reject'>
  readonly clock: Clock
  readonly metrics: Metrics
  readonly window: EventWindow
  /** The names under which other services send events; the platform's own producers may not use them. */
  readonly services: ReadonlySet<string>
}

const MAX_REJECTED_BODY_BYTES = 8_192
const NOT_STORED = 'not stored'

export function createIngestService(options: IngestServiceOptions): IngestService {
  const { store, clock, window, services } = options
  const counters = createCounters(options.metrics)

  /**
   * The experiments that the events name, by key. Read again for each batch, in one round trip, because another
   * replica may have started or stopped one meanwhile.
   */
  async function experimentsOf(readings: readonly EventReading[]): Promise<ReadonlyMap<string, Experiment>> {
    const keys = new Set<string>()
    for (const reading of readings) {
      if (reading.type === 'event' && 'experimentKey' in reading.event) keys.add(reading.event.experimentKey)
    }
    if (keys.size === 0) return new Map()
    const found = await store.experimentsByKeys([...keys])
    return new Map(found.map((experiment) => [experiment.key, experiment]))
  }

  return {
    async ingest(raw, source) {
      const batch = eventBatchSchema.safeParse(raw)
      if (!batch.success) {
        const message = `The body is not an EventBatch v1: ${describeIssues(batch.error.issues)}.`
        throw serviceError(EXPERIMENTATION_ERRORS.MALFORMED_BATCH, message)
      }
      const { producer, events } = batch.data
      if (!mayNameProducer(source, producer, services)) throw foreignProducer(source)
      const now = clock.now()
      const startedAt = performance.now()
      const readings = events.map(readEvent)
      const experiments = await experimentsOf(readings)
      const verdicts = readings.map((reading) =>
        judgeEvent(reading, { producer, source, experiments, window, now }),
      )

      const accepted: IncomingEvent[] = []
      const refused: RejectedEvent[] = []
      const rejected: EventBatchResult['rejected'] = []
      for (const [index, verdict] of verdicts.entries()) {
        if (verdict.type === 'accepted') {
          const event = toStoredEvent(verdict.event)
          const id = storedEventId(event.eventId, source)
          const stored = id === event.eventId ? event : { ...event, eventId: id }
          accepted.push({ event: stored, occurredAt: verdict.occurredAt, producer, recordedAt: now })
          continue
        }
        const { refusal } = verdict
        const eventId = readEventId(events[index])
        const { retryable } = EXPERIMENTATION_ERRORS[refusal.code]
        rejected.push({ index, eventId, ...refusal, retryable })
        // The sender still has it: what may yet be accepted is not among the refused ones.
        if (retryable) continue
        const body = isForgotten(events[index], now - window.maxAgeMs)
          ? ''
          : cutJson(events[index], MAX_REJECTED_BODY_BYTES)
        const { event } = verdict
        const about = { event, kind: readKind(events[index]), producer }
        const id = eventId === null ? null : rejectedEventId(eventId, about, source)
        refused.push({ eventId: id, producer, ...refusal, body, rejectedAt: now })
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
function tracedEvents(verdicts: readonly EventVerdict[], otherwise: string | null): readonly TracedEvent[] {
  return verdicts.flatMap((verdict) => {
    if (verdict.event === null) return []
    const refusal = verdict.type === 'refused' ? verdict.refusal.code : otherwise
    return [{ event: verdict.event, refusal }]
  })
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
    count(verdicts: readonly EventVerdict[]): void {
      for (const [kind, ofKind] of Map.groupBy(verdicts, ({ event }) => event?.kind ?? 'unknown')) {
        const refused = ofKind.filter((verdict) => verdict.type === 'refused')
        const accepted = ofKind.length - refused.length
        if (accepted > 0) events.inc({ kind, outcome: 'accepted' }, accepted)
        if (refused.length > 0) events.inc({ kind, outcome: 'rejected' }, refused.length)
        for (const { refusal } of refused) rejections.inc({ code: refusal.code })
      }
    },
  }
}

function readKind(raw: unknown): unknown {
  return typeof raw === 'object' && raw !== null && 'kind' in raw ? raw.kind : undefined
}

function readEventId(raw: unknown): string | null {
  if (typeof raw !== 'object' || raw === null || !('eventId' in raw)) return null
  const parsed = eventIdSchema.safeParse(raw.eventId)
  return parsed.success ? parsed.data : null
}

/** Whether an event is so old that it is not known any more whether its unit was erased. */
function isForgotten(raw: unknown, oldest: number): boolean {
  if (!isRecord(raw) || typeof raw.occurredAt !== 'string') return false
  return Date.parse(raw.occurredAt) < oldest
}

function foreignProducer(source: EventSource) {
  const allowed =
    source.type === 'service'
      ? `send \`producer: "${source.name}"\` with this token`
      : 'the name belongs to a service that has a token of its own'
  return serviceError(
    COMMON_ERRORS.FORBIDDEN,
    `The batch names a producer that this token does not cover: ${allowed}.`,
  )
}
