import { z } from 'zod'
import {
  eventIdSchema,
  identifierSchema,
  instantSchema,
  keySchema,
  RUNGS,
  traceparentSchema,
} from '../primitives.ts'

/**
 * A unit was served a variant. Sent for experiments whose exposure comes later, with the first impression, so that the
 * sample ratio can be checked on all units that were served. It counts once for a unit, experiment version and UTC day.
 */
export const servedEventSchema = z.object({
  kind: z.literal('served'),
  /** `servedEventId(…)` of the unit, the experiment's key and version, and the day of `occurredAt`. */
  eventId: eventIdSchema,
  experimentKey: keySchema,
  experimentVersion: z.int().min(1),
  variantKey: keySchema,
  unit: identifierSchema,
  surface: keySchema,
  forced: z.boolean(),
  snapshotVersion: z.int().min(1),
  rung: z.enum(RUNGS),
  /** The process that served the slate. */
  producer: identifierSchema,
  occurredAt: instantSchema,
  /** As of an exposure. */
  traceparent: traceparentSchema,
})

export type ServedEvent = z.infer<typeof servedEventSchema>
