import { isJsonObject, isPlainObject } from '../json.ts'
import { isEventId, isIdentifier, isInstant, isKey, isRung, isTraceparent } from '../primitives.ts'
import { MAX_EVENT_VALUE } from './exact-value.ts'
import type { ExposureEvent } from './exposure-event.ts'
import { type InteractionEvent, isShortJson } from './interaction-event.ts'

type Fields = Readonly<Record<string, unknown>>

/** An event while its last fields are added, so that they stand in the order of the schema. */
type Unfinished<Event> = { -readonly [Field in keyof Event]: Event[Field] }

/**
 * Reads a valid exposure or interaction as `ingestEventSchema` does, into the same fields in the same order, in a fraction
 * of the time: nearly all events are of these kinds. Null for everything else, valid or not, which is left to the schema.
 */
export function readFrequentEvent(raw: unknown): ExposureEvent | InteractionEvent | null {
  if (!isPlainObject(raw)) return null
  if (raw.kind === 'exposure') return readExposure(raw)
  if (raw.kind === 'interaction') return readInteraction(raw)
  return null
}

function readExposure(raw: Fields): ExposureEvent | null {
  const { eventId, experimentKey, experimentVersion, variantKey, unit, surface, applied, forced } = raw
  const { snapshotVersion, slateId, modelVersionId, rung, attributes, producer, occurredAt, traceparent } =
    raw
  if (
    !isEventId(eventId) ||
    !isKey(experimentKey) ||
    !isPositiveInteger(experimentVersion) ||
    !isKey(variantKey) ||
    !isIdentifier(unit) ||
    !isKey(surface) ||
    typeof applied !== 'boolean' ||
    typeof forced !== 'boolean' ||
    !isPositiveInteger(snapshotVersion) ||
    !isIdentifier(slateId) ||
    !(modelVersionId === null || isIdentifier(modelVersionId)) ||
    !isRung(rung) ||
    !(attributes === null || isJsonObject(attributes)) ||
    !(producer === undefined || isIdentifier(producer)) ||
    !isInstant(occurredAt) ||
    !(traceparent === undefined || isTraceparent(traceparent))
  ) {
    return null
  }
  const event: Omit<Unfinished<ExposureEvent>, 'occurredAt'> & { occurredAt?: string } = {
    kind: 'exposure',
    eventId,
    experimentKey,
    experimentVersion,
    variantKey,
    unit,
    surface,
    applied,
    forced,
    snapshotVersion,
    slateId,
    modelVersionId,
    rung,
    attributes,
  }
  if (producer !== undefined) event.producer = producer
  return finished(event, occurredAt, traceparent)
}

function readInteraction(raw: Fields): InteractionEvent | null {
  const { eventId, type, unit, attributes, occurredAt, traceparent } = raw
  const { itemId = null, slateId = null, value = null } = raw
  if (
    !isEventId(eventId) ||
    !isKey(type) ||
    !isIdentifier(unit) ||
    !(itemId === null || isIdentifier(itemId)) ||
    !(slateId === null || isIdentifier(slateId)) ||
    !(value === null || isEventValue(value)) ||
    !(attributes === undefined || (isJsonObject(attributes) && isShortJson(attributes))) ||
    !isInstant(occurredAt) ||
    !(traceparent === undefined || isTraceparent(traceparent))
  ) {
    return null
  }
  const event: Omit<Unfinished<InteractionEvent>, 'occurredAt'> = {
    kind: 'interaction',
    eventId,
    type,
    unit,
    itemId,
    slateId,
    value,
  }
  if (attributes !== undefined) event.attributes = attributes
  return finished(event, occurredAt, traceparent)
}

function finished<Event extends { traceparent?: string | undefined }>(
  event: Event & { occurredAt?: string },
  occurredAt: string,
  traceparent: string | undefined,
): Event & { readonly occurredAt: string } {
  event.occurredAt = occurredAt
  if (traceparent !== undefined) event.traceparent = traceparent
  return event as Event & { readonly occurredAt: string }
}

function isPositiveInteger(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1
}

function isEventValue(value: unknown): value is number {
  return typeof value === 'number' && value >= -MAX_EVENT_VALUE && value <= MAX_EVENT_VALUE
}
