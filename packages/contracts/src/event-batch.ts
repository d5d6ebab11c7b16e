import { z } from 'zod'
import { jsonObjectSchema } from './json.ts'
import {
  eventIdSchema,
  INTERACTION_TYPES,
  identifierSchema,
  instantSchema,
  keySchema,
  RUNGS,
  traceparentSchema,
} from './primitives.ts'

/** Upper bound on events per ingest request. */
export const MAX_EVENTS_PER_BATCH = 500

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
  occurredAt: instantSchema,
  /** Of the request that caused the event. No part of what happened: it is not stored, and repetitions may differ in it. */
  traceparent: traceparentSchema,
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
  /** As of an exposure. */
  traceparent: traceparentSchema,
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
 * How much a producer has served and delivered since it started. Counts are cumulative, and the newest heartbeat of a
 * producer replaces those before, so that a lost or repeated one changes nothing.
 */
export const heartbeatEventSchema = z.object({
  kind: z.literal('heartbeat'),
  eventId: eventIdSchema,
  /** Names one process. A restart is a new producer. */
  producer: identifierSchema,
  /** Grows by one with every heartbeat of the producer. */
  sequence: z.int().min(1),
  /** Every event of this producer that occurred up to here has been delivered or counted in `dropped`. */
  deliveredThrough: instantSchema,
  served: z.array(servedCountSchema).max(10_000),
  /** Events in the dead-letter store, and slates that were served unassigned because they could not be recorded. */
  dropped: z.int().min(0),
  occurredAt: instantSchema,
})

export const ingestEventSchema = z.discriminatedUnion('kind', [
  exposureEventSchema,
  interactionEventSchema,
  heartbeatEventSchema,
])

/** EventBatch v1. Events are parsed one by one, so that a bad one does not spoil the batch. */
export const eventBatchSchema = z.object({
  producer: identifierSchema,
  events: z.array(z.unknown()).min(1).max(MAX_EVENTS_PER_BATCH),
})

/** The answer of ingest. Duplicates count as accepted; `rejected` lists the events that are refused. */
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
