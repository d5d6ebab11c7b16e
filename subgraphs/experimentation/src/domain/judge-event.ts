import {
  EVENT_KINDS,
  type IngestEvent,
  ingestEventSchema,
  isPlainObject,
  readFrequentEvent,
} from '@bulkhead/contracts'
import {
  type EventRefusal,
  type EventWindow,
  refuseEventTime,
  refuseExperiment,
  refuseForeignProducer,
  refuseIdOfContent,
} from './event-admission.ts'
import { type EventSource, maySend } from './event-source.ts'
import type { Experiment } from './experiment.ts'

const MAX_MESSAGE_LENGTH = 500

/** An event of a batch, read or found unreadable. */
export type EventReading =
  | {
      readonly type: 'event'
      readonly event: IngestEvent
      /** `event.occurredAt`, epoch milliseconds. */
      readonly occurredAt: number
    }
  | { readonly type: 'unreadable'; readonly refusal: EventRefusal }

export type EventVerdict =
  | { readonly type: 'accepted'; readonly event: IngestEvent; readonly occurredAt: number }
  | {
      readonly type: 'refused'
      readonly refusal: EventRefusal
      /** Null where it cannot be read. */
      readonly event: IngestEvent | null
    }

/** @param raw an event of a batch, as it was received */
export function readEvent(raw: unknown): EventReading {
  const frequent = readFrequentEvent(raw)
  if (frequent !== null) return readingOf(frequent)
  const parsed = ingestEventSchema.safeParse(raw)
  if (parsed.success) return readingOf(parsed.data)
  if (isPlainObject(raw) && typeof raw.kind === 'string' && !isKnown(raw.kind)) {
    const message = 'this release does not know events of this kind; keep the event and send it again later'
    return { type: 'unreadable', refusal: { code: 'UNKNOWN_KIND', message } }
  }
  const message = describeIssues(parsed.error.issues)
  return { type: 'unreadable', refusal: { code: 'MALFORMED_EVENT', message } }
}

function readingOf(event: IngestEvent): EventReading {
  return { type: 'event', event, occurredAt: Date.parse(event.occurredAt) }
}

/**
 * Whether an event is taken in, by the first rule that it breaks.
 * @param context.experiments those that the batch names, by key
 * @param context.now epoch milliseconds
 */
export function judgeEvent(
  reading: EventReading,
  context: {
    readonly producer: string
    readonly source: EventSource
    readonly experiments: ReadonlyMap<string, Experiment>
    readonly window: EventWindow
    readonly now: number
  },
): EventVerdict {
  if (reading.type === 'unreadable') return { type: 'refused', refusal: reading.refusal, event: null }
  const { event, occurredAt } = reading
  const { producer, source, experiments, window, now } = context
  const experiment = 'experimentKey' in event ? experiments.get(event.experimentKey) : undefined
  const refusal =
    refuseKind(event, source) ??
    refuseForeignProducer(event, producer) ??
    refuseEventTime(event.kind, occurredAt, window, now) ??
    refuseIdOfContent(event) ??
    ('experimentKey' in event ? refuseExperiment(event, experiment) : null)
  if (refusal !== null) return { type: 'refused', refusal, event }
  return { type: 'accepted', event, occurredAt }
}

function refuseKind({ kind }: IngestEvent, source: EventSource): EventRefusal | null {
  if (maySend(source, kind)) return null
  return { code: 'KIND_NOT_ALLOWED', message: `the token of a service does not cover events of kind ${kind}` }
}

function isKnown(kind: string): boolean {
  return (EVENT_KINDS as readonly string[]).includes(kind)
}

export function describeIssues(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): string {
  const described = issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`,
  )
  return described.join('; ').slice(0, MAX_MESSAGE_LENGTH).toWellFormed()
}
