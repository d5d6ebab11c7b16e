import { type ExposureEvent, exposureEventId, type IngestEvent } from '@bulkhead/contracts'
import type { Experiment } from './experiment.ts'

/** Why ingest refuses an event; each code stands in the service's error registry. */
export const EVENT_REFUSAL_CODES = [
  'MALFORMED_EVENT',
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

/** Null where the event's time is one that an analysis can still take in. */
export function refuseEventTime(event: IngestEvent, window: EventWindow, now: number): EventRefusal | null {
  const age = now - Date.parse(event.occurredAt)
  if (age > window.maxAgeMs) {
    return { code: 'EVENT_TOO_OLD', message: `occurredAt is more than ${window.maxAgeMs} ms ago` }
  }
  if (-age > window.maxFutureMs) {
    return { code: 'EVENT_FROM_FUTURE', message: `occurredAt is more than ${window.maxFutureMs} ms ahead` }
  }
  return null
}

/** One slate and experiment have one exposure: under any other id it would be counted twice. Null where it fits. */
export function refuseExposureId(event: ExposureEvent): EventRefusal | null {
  if (event.eventId === exposureEventId(event.slateId, event.experimentKey)) return null
  return { code: 'MALFORMED_EVENT', message: 'eventId: is not the id of this slate and experiment' }
}

/**
 * Whether an exposure that is taken in belongs to the experiment's data. Its stop closes them: what occurred up to it
 * counts however late it arrives; what occurred after it, as under a snapshot that showed the stop late, never does.
 */
export function isCounted(event: ExposureEvent, { stoppedAt }: Pick<Experiment, 'stoppedAt'>): boolean {
  return stoppedAt === null || Date.parse(event.occurredAt) <= stoppedAt
}

/**
 * Null where the experiment that an exposure names has that version and variant, and was ever started.
 * @param experiment undefined where there is none of that key
 */
export function refuseExposure(
  event: ExposureEvent,
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
  if (event.experimentVersion > experiment.version) {
    return {
      code: 'UNKNOWN_VERSION',
      message: `"${event.experimentKey}" has no version ${event.experimentVersion}`,
    }
  }
  if (!experiment.variants.some(({ key }) => key === event.variantKey)) {
    return {
      code: 'UNKNOWN_VARIANT',
      message: `"${event.experimentKey}" has no variant "${event.variantKey}"`,
    }
  }
  return null
}
