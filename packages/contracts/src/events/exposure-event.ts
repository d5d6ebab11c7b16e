import { z } from 'zod'
import { jsonObjectSchema } from '../json.ts'
import {
  eventIdSchema,
  identifierSchema,
  instantSchema,
  keySchema,
  RUNGS,
  traceparentSchema,
} from '../primitives.ts'

/** A unit met a variant of an experiment on a slate. */
export const exposureEventSchema = z.object({
  kind: z.literal('exposure'),
  /** `exposureEventId(slateId, experimentKey)`, so that an exposure counts once, however often it is sent. */
  eventId: eventIdSchema,
  experimentKey: keySchema,
  experimentVersion: z.int().min(1),
  variantKey: keySchema,
  unit: identifierSchema,
  surface: keySchema,
  /** False where the variant could not take effect: invalid payload, model not loaded, or served by a lower rung. */
  applied: z.boolean(),
  /** Forced for QA; stored, never counted. */
  forced: z.boolean(),
  snapshotVersion: z.int().min(1),
  slateId: identifierSchema,
  modelVersionId: identifierSchema.nullable(),
  rung: z.enum(RUNGS),
  /** The attributes that targeting used, so that the assignment can be evaluated again. */
  attributes: jsonObjectSchema.nullable(),
  /**
   * The process that served the slate. The batch's producer is whoever delivers it, often another replica. Absent in
   * events of earlier releases.
   */
  producer: identifierSchema.optional(),
  occurredAt: instantSchema,
  /** Of the request that caused the event. No part of what happened: it is not stored, and repetitions may differ in it. */
  traceparent: traceparentSchema,
})

export type ExposureEvent = z.infer<typeof exposureEventSchema>
