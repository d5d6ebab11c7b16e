import { z } from 'zod'
import { type JsonObject, jsonObjectSchema } from '../json.ts'
import {
  eventIdSchema,
  identifierSchema,
  instantSchema,
  keySchema,
  traceparentSchema,
} from '../primitives.ts'
import { MAX_EVENT_VALUE } from './exact-value.ts'

/** Upper bound on the JSON text of an interaction's attributes, in characters. */
export const MAX_EVENT_ATTRIBUTES_LENGTH = 2_048

/**
 * A unit did something: clicked, played, bought. The seven `INTERACTION_TYPES` are those that personalization
 * understands; any other service may send types of its own, such as `purchase`.
 */
export const interactionEventSchema = z.object({
  kind: z.literal('interaction'),
  eventId: eventIdSchema,
  type: keySchema,
  unit: identifierSchema,
  /** Null, like everything else that is nullable here, where the sender leaves it out. */
  itemId: identifierSchema.nullable().default(null),
  slateId: identifierSchema.nullable().default(null),
  /** Kept with six decimals, as `exactValue` rounds it. */
  value: z.number().min(-MAX_EVENT_VALUE).max(MAX_EVENT_VALUE).nullable().default(null),
  /** What metrics can filter by. */
  attributes: jsonObjectSchema
    .pipe(
      z.custom<JsonObject>(isShortJson, `must be at most ${MAX_EVENT_ATTRIBUTES_LENGTH} characters of JSON`),
    )
    .optional(),
  occurredAt: instantSchema,
  /** As of an exposure. */
  traceparent: traceparentSchema,
})

/** For JSON only: other values may have no text, or nest too deeply to be written. */
export function isShortJson(attributes: unknown): boolean {
  return JSON.stringify(attributes).length <= MAX_EVENT_ATTRIBUTES_LENGTH
}

export type InteractionEvent = z.infer<typeof interactionEventSchema>
