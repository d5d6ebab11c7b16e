import { z } from 'zod'
import { eventIdSchema, identifierSchema, instantSchema } from '../primitives.ts'

/** Everything about this unit up to `occurredAt` must be forgotten, wherever it is stored. */
export const unitErasedEventSchema = z.object({
  kind: z.literal('unitErased'),
  eventId: eventIdSchema,
  unit: identifierSchema,
  occurredAt: instantSchema,
})

export type UnitErasedEvent = z.infer<typeof unitErasedEventSchema>
