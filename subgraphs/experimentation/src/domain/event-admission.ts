import {
  derivedEventId,
  type ExposureEvent,
  exposureEventId,
  type IngestEvent,
  modelStageEventId,
  servedEventId,
} from '@bulkhead/contracts'
import type { EventSource } from './event-source.ts'
import type { Experiment } from './experiment.ts'

/** Why ingest refuses an event; each code is in the service's error registry. */
export const EVENT_REFUSAL_CODES = [
  'MALFORMED_EVENT',
  'UNKNOWN_KIND',
  'KIND_NOT_ALLOWED',
  'WRONG_PRODUCER',
  'UNKNOWN_EXPERIMENT',
  'UNKNOWN_VERSION',
  'UNKNOWN_VARIANT',
  'EVENT_TOO_OLD',
  'EVENT_FROM_FUTURE',
] as const
export type EventRefusalCode = (typeof EVENT_REFUSAL_CODES)[number]

export type EventRefusal = { readonly code: EventRefusalCode; readonly message: string }

/** How far `occurredAt` may be from the clock of the service, in milliseconds. */
export type EventWindow = { readonly maxAgeMs: number; readonly maxFutureMs: number }

const AGELESS: readonly IngestEvent['kind'][] = ['modelStageChanged', 'unitErased']

/**
 * Null if the time of the event is inside the window. A model's stage has no age: it holds until the next change, and
 * is told whenever a deployment first learns of experimentation. An erasure must be carried out, however late it comes.
 */
export function refuseEventTime(
  kind: IngestEvent['kind'],
  occurredAt: number,
  window: EventWindow,
  now: number,
): EventRefusal | null {
  const age = now - occurredAt
  if (age > window.maxAgeMs && !AGELESS.includes(kind)) {
    return { code: 'EVENT_TOO_OLD', message: `occurredAt is more than ${window.maxAgeMs} ms ago` }
  }
  if (-age > window.maxFutureMs) {
    return { code: 'EVENT_FROM_FUTURE', message: `occurredAt is more than ${window.maxFutureMs} ms ahead` }
  }
  return null
}

/** Null unless one process speaks for another: only the process itself knows what it has served and delivered. */
export function refuseForeignProducer(event: IngestEvent, producer: string): EventRefusal | null {
  if (event.kind !== 'heartbeat' && event.kind !== 'goodbye') return null
  if (event.producer === producer) return null
  return { code: 'WRONG_PRODUCER', message: `a ${event.kind} must come in a batch of its own producer` }
}

/** Null if the event's id is the one that its content gives. With any other id, it could be counted twice. */
export function refuseIdOfContent(event: IngestEvent): EventRefusal | null {
  const expected = idOfContent(event)
  if (expected === null || event.eventId === expected.id) return null
  return { code: 'MALFORMED_EVENT', message: `eventId: does not belong to this ${expected.of}` }
}

/**
 * Under which id an event is stored. What a service calls its events is its own affair: two services may use the same id,
 * and none can take the id of another sender's event.
 */
export function storedEventId(eventId: string, source: EventSource): string {
  return source.type === 'service' ? derivedEventId('service', source.name, eventId) : eventId
}

/**
 * Under which id a refused event is kept. An exposure whose id is there is shown as rejected, so an event keeps an id that
 * could be an exposure's only if it is that exposure: by its content, or, where that cannot be read, by its producer's word.
 * @param event null where it cannot be read
 */
export function rejectedEventId(
  eventId: string,
  refused: { readonly event: IngestEvent | null; readonly kind: unknown; readonly producer: string },
  source: EventSource,
): string {
  const { event, kind, producer } = refused
  const isItsOwn = event === null ? kind === 'exposure' : idOfContent(event)?.id === eventId
  if (source.type === 'platform' && isItsOwn) return eventId
  return derivedEventId('rejected', producer, eventId)
}

/** Null for the kinds whose sender chooses the id. */
function idOfContent(event: IngestEvent): { readonly id: string; readonly of: string } | null {
  switch (event.kind) {
    case 'exposure':
      return { id: exposureEventId(event.slateId, event.experimentKey), of: 'slate and experiment' }
    case 'served':
      return { id: servedEventId(event), of: 'unit, experiment version and day' }
    case 'modelStageChanged':
      return { id: modelStageEventId(event.modelVersionId, event.change), of: 'change of the model version' }
    default:
      return null
  }
}

/**
 * Null if the experiment that the event names was started, and the version that it names had that variant. A later
 * version does not matter: late events are judged by their own.
 * @param experiment undefined if there is none with that key
 */
export function refuseExperiment(
  event: Pick<ExposureEvent, 'experimentKey' | 'experimentVersion' | 'variantKey'>,
  experiment: Experiment | undefined,
): EventRefusal | null {
  if (experiment === undefined) {
    return { code: 'UNKNOWN_EXPERIMENT', message: `there is no experiment "${event.experimentKey}"` }
  }
  if (experiment.startedAt === null) {
    return {
      code: 'UNKNOWN_EXPERIMENT',
      message: `the experiment "${event.experimentKey}" has never been started`,
    }
  }
  const version = experiment.versions.find((known) => known.version === event.experimentVersion)
  if (version === undefined) {
    return {
      code: 'UNKNOWN_VERSION',
      message: `"${event.experimentKey}" has no version ${event.experimentVersion}`,
    }
  }
  if (!version.variants.some(({ key }) => key === event.variantKey)) {
    return {
      code: 'UNKNOWN_VARIANT',
      message: `version ${event.experimentVersion} of "${event.experimentKey}" has no variant "${event.variantKey}"`,
    }
  }
  return null
}
