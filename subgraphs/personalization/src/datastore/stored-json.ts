import {
  type IngestEvent,
  isPlainObject,
  type JsonObject,
  jsonObjectSchema,
  MODEL_STAGES,
  RUNGS,
} from '@bulkhead/contracts'
import { z } from 'zod'
import type { ModelVersion } from '../domain/model-version.ts'
import { isSketch } from '../domain/shadow/distinct-sketch.ts'
import { isHistogram } from '../domain/shadow/latency-histogram.ts'
import type { ShadowCounts } from '../domain/shadow/shadow-counts.ts'
import { DEGRADATION_CAUSES, EXPOSURES_DUE, REASON_KINDS, type Slate } from '../domain/slate.ts'

/** Parses what the adapters keep as JSON text. A stored value of the wrong shape is an error as soon as it is read. */

const slateSchema: z.ZodType<Slate, unknown> = z.object({
  id: z.string(),
  userId: z.string(),
  surface: z.string(),
  createdAt: z.number(),
  items: z.array(
    z.object({
      itemId: z.string(),
      score: z.number(),
      source: z.string(),
      propensity: z.number().nullable(),
      reason: z
        .object({ kind: z.enum(REASON_KINDS), itemId: z.string().nullable(), text: z.string() })
        .nullable(),
    }),
  ),
  servedBy: z.object({ rung: z.enum(RUNGS), cause: z.enum(DEGRADATION_CAUSES).nullable() }),
  modelVersionId: z.string().nullable(),
  snapshotVersion: z.number().nullable(),
  attributes: jsonObjectSchema.nullable(),
  assignments: z.array(
    z.object({
      experimentKey: z.string(),
      experimentVersion: z.number(),
      variantKey: z.string(),
      unit: z.string(),
      forced: z.boolean(),
      applied: z.boolean(),
      exposure: z.enum(EXPOSURES_DUE),
    }),
  ),
  exposureContext: z.string(),
  policy: z.object({ id: z.string(), seed: z.string(), candidatesHash: z.string() }),
  // Not recorded by earlier releases.
  producer: z.string().nullable().default(null),
})

const modelVersionSchema: z.ZodType<ModelVersion> = z.object({
  id: z.string(),
  model: z.string(),
  version: z.number(),
  algorithm: z.string(),
  stage: z.enum(MODEL_STAGES),
  owner: z.string(),
  createdAt: z.number(),
  artefactHash: z.string(),
  trainingData: z.object({
    fingerprint: z.string(),
    users: z.number(),
    items: z.number(),
    interactions: z.number(),
    cutoff: z.number(),
  }),
  stageHistory: z.array(
    z.object({
      from: z.enum(MODEL_STAGES).nullable(),
      to: z.enum(MODEL_STAGES),
      at: z.number(),
      by: z.string(),
      reason: z.string(),
    }),
  ),
})

const shadowCountsSchema: z.ZodType<ShadowCounts, unknown> = z.object({
  compared: z.number(),
  failures: z.object({ threw: z.number(), timedOut: z.number(), crashed: z.number(), empty: z.number() }),
  overlapAt10: z.number(),
  rankBiasedOverlap: z.number(),
  popularityShift: z.number(),
  latency: z.array(z.number()).refine(isHistogram),
  shown: z
    .base64()
    .transform((text) => new Uint8Array(Buffer.from(text, 'base64')))
    .refine(isSketch),
  catalogueItems: z.number(),
})

/**
 * Checks only what the outbox itself needs. The receiver refuses an event that breaks the contract, and only that
 * event; an error here would fail every claim that includes it, for ever.
 */
const eventSchema = z.custom<IngestEvent>(
  (event) => isPlainObject(event) && typeof event.eventId === 'string',
)
const eventsSchema = z.array(eventSchema)
const namesSchema = z.array(z.string())

export function readSlate(text: string): Slate {
  return slateSchema.parse(JSON.parse(text))
}

export function readModelVersion(text: string): ModelVersion {
  return modelVersionSchema.parse(JSON.parse(text))
}

export function readShadowCounts(text: string): ShadowCounts {
  return shadowCountsSchema.parse(JSON.parse(text))
}

export function writeShadowCounts({ shown, ...counts }: ShadowCounts): string {
  return JSON.stringify({ ...counts, shown: Buffer.from(shown).toString('base64') })
}

export function readEvents(text: string): readonly IngestEvent[] {
  return eventsSchema.parse(JSON.parse(text))
}

export function readEvent(text: string): IngestEvent {
  return eventSchema.parse(JSON.parse(text))
}

/** An item's categories or markets. */
export function readNames(text: string): readonly string[] {
  return namesSchema.parse(JSON.parse(text))
}

/** An item's or a slate's attributes; null where it has none. */
export function readAttributes(text: string | null): JsonObject | null {
  return text === null ? null : jsonObjectSchema.parse(JSON.parse(text))
}

export function writeAttributes(attributes: JsonObject | null): string | null {
  return attributes === null ? null : JSON.stringify(attributes)
}
