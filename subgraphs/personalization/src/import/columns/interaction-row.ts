import { derivedEventId, eventIdSchema, INTERACTION_TYPES, type InteractionType } from '@bulkhead/contracts'
import { MAX_CLOCK_SKEW_MS } from '../../domain/check-interaction.ts'
import type { Interaction } from '../../domain/interaction.ts'
import { type Field, identifierField, instantField, numberField, shown } from './fields.ts'

/**
 * The time of an interaction whose file names none. Fixed, so that importing the file again gives the same interactions
 * on every machine (a file's own time changes when it is copied). Before all real times, so that whatever users do next
 * is newer.
 */
export const UNKNOWN_TIME = 0

/** The fields of one interaction as the file has them; empty text is the same as absent. */
export type InteractionFields = {
  readonly eventId?: string | undefined
  readonly userId: string
  readonly itemId: string
  readonly type?: string | undefined
  readonly value?: string | undefined
  readonly occurredAt?: string | undefined
  readonly slateId?: string | undefined
}

export type InteractionDefaults = {
  readonly type: InteractionType
  /** Epoch milliseconds; a later interaction is rejected, except for differences between clocks. */
  readonly now: number
}

/** The file's names for these two fields, for messages. */
export type InteractionNames = { readonly value: string; readonly occurredAt: string }

const USUAL_NAMES: InteractionNames = { value: 'value', occurredAt: 'occurredAt' }

/**
 * Checks one interaction. If it has no event id, one is derived from user, item, type and time, so that importing the
 * same row twice gives one interaction.
 */
export function readInteraction(
  fields: InteractionFields,
  defaults: InteractionDefaults,
  names = USUAL_NAMES,
): Field<Interaction> {
  const userId = identifierField('userId', fields.userId)
  if ('problem' in userId) return userId
  const itemId = identifierField('itemId', fields.itemId)
  if ('problem' in itemId) return itemId
  const type = isGiven(fields.type) ? typeField(fields.type) : { value: defaults.type }
  if ('problem' in type) return type
  const value = isGiven(fields.value) ? numberField(names.value, fields.value) : { value: null }
  if ('problem' in value) return value
  const slateId = isGiven(fields.slateId) ? identifierField('slateId', fields.slateId) : { value: null }
  if ('problem' in slateId) return slateId
  const time = isGiven(fields.occurredAt)
    ? timeField(names.occurredAt, fields.occurredAt, defaults.now)
    : { value: null }
  if ('problem' in time) return time
  const isoTime = time.value === null ? '' : new Date(time.value).toISOString()
  const eventId = isGiven(fields.eventId)
    ? eventIdField(fields.eventId)
    : { value: derivedEventId('import', userId.value, itemId.value, type.value, isoTime) }
  if ('problem' in eventId) return eventId
  return {
    value: {
      eventId: eventId.value,
      userId: userId.value,
      itemId: itemId.value,
      type: type.value,
      slateId: slateId.value,
      value: value.value,
      occurredAt: time.value ?? UNKNOWN_TIME,
    },
  }
}

function isGiven(text: string | undefined): text is string {
  return text !== undefined && text !== ''
}

function typeField(text: string): Field<InteractionType> {
  const type = INTERACTION_TYPES.find((known) => known === text.toUpperCase())
  if (type !== undefined) return { value: type }
  return { problem: `has ${shown(text)} as type: it is one of ${INTERACTION_TYPES.join(', ')}` }
}

function eventIdField(text: string): Field<string> {
  if (eventIdSchema.safeParse(text).success) return { value: text }
  return { problem: `has ${shown(text)} as eventId: it is 8 to 128 letters, digits, "_" or "-"` }
}

function timeField(name: string, text: string, now: number): Field<number> {
  const time = instantField(name, text)
  if ('problem' in time) return time
  if (time.value < 0) return { problem: `lies before 1970: ${shown(text)}` }
  if (time.value > now + MAX_CLOCK_SKEW_MS) return { problem: `lies in the future: ${shown(text)}` }
  return time
}
