import { type ExposureEvent, exposureEventId, type IngestEvent } from '@bulkhead/contracts'
import type { Experiment } from './experiment.ts'

/** Why ingest refuses an event; each code is in the service's error registry. */
export const EVENT_REFUSAL_CODES = [
  'MALFORMED_EVENT',
  'UNKNOWN_EXPERIMENT',
  'UNKNOWN_VERSION',
  'UNKNOWN_VARIANT',
  'EVENT_TOO_OLD',
  'EVENT_FROM_FUTURE',
] as const
type EventRefusalCode = (typeof EVENT_REFUSAL_CODES)[number]

export type EventRefusal = { readonly code: EventRefusalCode; readonly message: string }

/** How far `occurredAt` may be from the clock of the service, in milliseconds. */
export type EventWindow = { readonly maxAgeMs: number; readonly maxFutureMs: number }

/** Null if the time of the event is inside the window. */
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

/** Null if the event id belongs to its slate and experiment. With any other id, an exposure could be counted twice. */
export function refuseExposureId(event: ExposureEvent): EventRefusal | null {
  if (event.eventId === exposureEventId(event.slateId, event.experimentKey)) return null
  return { code: 'MALFORMED_EVENT', message: 'eventId: does not belong to this slate and experiment' }
}

/**
 * Whether an accepted exposure counts for the experiment. A stop closes its data: exposures that occurred before it
 * count however late they arrive. Later ones, served before the new snapshot had arrived, never count.
 */
export function isCounted(event: ExposureEvent, { stoppedAt }: Pick<Experiment, 'stoppedAt'>): boolean {
  return stoppedAt === null || Date.parse(event.occurredAt) <= stoppedAt
}

/**
 * Null if the experiment that the exposure names was started and has that version and variant.
 * @param experiment undefined if there is none with that key
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
