import { z } from 'zod'
import { jsonObjectSchema } from './json.ts'
import {
  eventIdSchema,
  INTERACTION_TYPES,
  identifierSchema,
  instantSchema,
  keySchema,
  RUNGS,
} from './primitives.ts'

/** An ingest request holds at most so many events. */
export const MAX_EVENTS_PER_BATCH = 500

/** One unit met one variant of one experiment on one slate. */
export const exposureEventSchema = z.object({
  kind: z.literal('exposure'),
  /** `exposureEventId(slateId, experimentKey)`: one exposure a slate and experiment, however often it is sent. */
  eventId: eventIdSchema,
  experimentKey: keySchema,
  experimentVersion: z.int().min(1),
  variantKey: keySchema,
  unit: identifierSchema,
  surface: keySchema,
  /** False where the variant could not take effect: invalid payload, absent model, a lower rung served. */
  applied: z.boolean(),
  /** Forced for QA; stored, never counted. */
  forced: z.boolean(),
  snapshotVersion: z.int().min(1),
  slateId: identifierSchema,
  modelVersionId: identifierSchema.nullable(),
  rung: z.enum(RUNGS),
  /** What targeting saw, so that the assignment can be evaluated again. */
  attributes: jsonObjectSchema.nullable(),
  occurredAt: instantSchema,
})

export const interactionEventSchema = z.object({
  kind: z.literal('interaction'),
  eventId: eventIdSchema,
  type: z.enum(INTERACTION_TYPES),
  unit: identifierSchema,
  itemId: identifierSchema,
  slateId: identifierSchema.nullable(),
  value: z.number().nullable(),
  occurredAt: instantSchema,
})

const servedCountSchema = z.object({
  experimentKey: keySchema,
  experimentVersion: z.int().min(1),
  variantKey: keySchema,
  surface: keySchema,
  rung: z.enum(RUNGS),
  count: z.int().min(0),
})

/**
 * What a producer has served and delivered so far. Counts are cumulative since the producer started, so that a lost
 * or repeated heartbeat changes nothing: the newest of a producer replaces the ones before.
 */
export const heartbeatEventSchema = z.object({
  kind: z.literal('heartbeat'),
  eventId: eventIdSchema,
  /** One process of one service, for as long as it runs. */
  producer: identifierSchema,
  /** Grows by one with every heartbeat of the producer. */
  sequence: z.int().min(1),
  /** Every event of this producer that occurred up to here has been delivered or counted in `dropped`. */
  deliveredThrough: instantSchema,
  served: z.array(servedCountSchema).max(10_000),
  /** Events that ended in the dead-letter store, and slates that were served unassigned for want of room. */
  dropped: z.int().min(0),
  occurredAt: instantSchema,
})

export const ingestEventSchema = z.discriminatedUnion('kind', [
  exposureEventSchema,
  interactionEventSchema,
  heartbeatEventSchema,
])

/** EventBatch v1. Events are parsed one by one, so that a bad one does not refuse its neighbours. */
export const eventBatchSchema = z.object({
  producer: identifierSchema,
  events: z.array(z.unknown()).min(1).max(MAX_EVENTS_PER_BATCH),
})

/** Ingest's answer: duplicates count as accepted, refused events come back one by one. */
export const eventBatchResultSchema = z.object({
  accepted: z.int().min(0),
  rejected: z.array(
    z.object({
      index: z.int().min(0),
      eventId: z.string().nullable(),
      code: z.string(),
      message: z.string(),
    }),
  ),
})

export type ExposureEvent = z.infer<typeof exposureEventSchema>
export type InteractionEvent = z.infer<typeof interactionEventSchema>
export type HeartbeatEvent = z.infer<typeof heartbeatEventSchema>
export type ServedCount = z.infer<typeof servedCountSchema>
export type IngestEvent = z.infer<typeof ingestEventSchema>
export type EventBatch = { producer: string; events: IngestEvent[] }
export type EventBatchResult = z.infer<typeof eventBatchResultSchema>
