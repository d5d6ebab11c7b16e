import {
  type IngestEvent,
  isPlainObject,
  type JsonObject,
  jsonObjectSchema,
  MODEL_STAGES,
  RUNGS,
  recipeSchema,
} from '@bulkhead/contracts'
import { z } from 'zod'
import type { ModelEvaluation } from '../domain/model-path/model-evaluation.ts'
import { EVIDENCE_KINDS, type ModelVersion } from '../domain/model-version.ts'
import type { CandidateLog } from '../domain/off-policy/candidate-log.ts'
import {
  DEGRADATION_CAUSES,
  EXPOSURES_DUE,
  REASON_KINDS,
  type Slate,
  SOURCE_OUTCOMES,
} from '../domain/slate.ts'
import { MAX_CANDIDATES_TEXT } from './limits.ts'

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
  servedBy: z.object({
    rung: z.enum(RUNGS),
    cause: z.enum(DEGRADATION_CAUSES).nullable(),
    // Not recorded by earlier releases, like every default here.
    sources: z
      .array(
        z.object({
          name: z.string(),
          outcome: z.enum(SOURCE_OUTCOMES),
          candidates: z.number(),
          items: z.number(),
        }),
      )
      .nullable()
      .default(null),
    modelShare: z.number().nullable().default(null),
  }),
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
  policy: z.object({
    id: z.string(),
    seed: z.string(),
    candidatesHash: z.string(),
    candidateWidth: z.number().nullable().default(null),
  }),
  producer: z.string().nullable().default(null),
})

const candidateLogSchema: z.ZodType<CandidateLog> = z.object({
  size: z.number(),
  parameters: z.object({
    maxPerCreator: z.number().nullable(),
    epsilon: z.number(),
    mmrLambda: z.number(),
    creatorDecay: z.number(),
    calibration: z.number(),
  }),
  taste: z.array(z.tuple([z.string(), z.number()])),
  lists: z.array(
    z.object({
      source: z.string(),
      weight: z.number(),
      candidates: z.array(
        z.object({
          itemId: z.string(),
          score: z.number(),
          creator: z.string().nullable(),
          group: z.string().nullable(),
          categories: z.array(z.string()),
        }),
      ),
    }),
  ),
})

const shadowFailuresSchema = z.object({
  threw: z.number(),
  timedOut: z.number(),
  crashed: z.number(),
  empty: z.number(),
})

const shadowReportSchema = z.object({
  championId: z.string().nullable(),
  requests: z.number(),
  failures: z.number(),
  failuresByKind: shadowFailuresSchema,
  overlapAt10: z.number(),
  rankBiasedOverlap: z.number(),
  popularityShift: z.number().nullable(),
  coverage: z.number(),
  latencyP50Ms: z.number(),
  latencyP99Ms: z.number(),
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
  recipe: recipeSchema.exactOptional(),
  refresh: z.object({ of: z.string(), decisionHash: z.string() }).exactOptional(),
  stageHistory: z.array(
    z.object({
      from: z.enum(MODEL_STAGES).nullable(),
      to: z.enum(MODEL_STAGES),
      at: z.number(),
      by: z.string(),
      reason: z.string(),
      evidence: z
        .object({
          kind: z.enum(EVIDENCE_KINDS),
          hash: z.string().nullable(),
          record: z.string().exactOptional(),
          shadow: shadowReportSchema.exactOptional(),
        })
        .exactOptional(),
      successorId: z.string().exactOptional(),
    }),
  ),
})

const estimateSchema = z.object({
  value: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  users: z.number().nullable(),
})
const namedEstimateSchema = estimateSchema.extend({ name: z.string() })
const partSchema = z.object({ fingerprint: z.string(), users: z.number(), pairs: z.number() })
const evaluatedModelSchema = z.object({
  name: z.string(),
  algorithm: z.string(),
  artefactHash: z.string().nullable(),
})

const modelEvaluationSchema: z.ZodType<ModelEvaluation> = z.object({
  hash: z.string(),
  createdAt: z.number(),
  championId: z.string().nullable(),
  latencyP99Ms: z.number(),
  report: z.object({
    type: z.literal('comparison'),
    protocol: z.object({
      codeVersion: z.string(),
      data: z.object({ fingerprint: z.string(), interactions: z.number() }),
      split: z.object({
        kind: z.enum(['temporal', 'leave-one-out', 'given']),
        cutoff: z.string().nullable(),
        train: partSchema.extend({ items: z.number() }),
        test: partSchema,
      }),
      users: z.object({ measured: z.number(), withoutHistory: z.number() }),
      cutoffs: z.array(z.number()),
      seed: z.number(),
      intervals: z.object({
        method: z.literal('percentile bootstrap over users'),
        level: z.literal(0.95),
        resamples: z.number(),
      }),
    }),
    test: z.object({ method: z.literal('paired sign-flip test, two-sided'), flips: z.number() }),
    models: z.tuple([evaluatedModelSchema, evaluatedModelSchema]),
    metrics: z.array(
      z.object({
        name: z.string(),
        values: z.tuple([namedEstimateSchema, namedEstimateSchema]),
        difference: estimateSchema,
        pValue: z.number().nullable(),
      }),
    ),
  }),
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

export function readCandidates(text: string): CandidateLog {
  return candidateLogSchema.parse(JSON.parse(text))
}

/** Null where there is nothing to keep, or too much: a part of the candidates would serve no purpose. */
export function writeCandidates(candidates: CandidateLog | null): string | null {
  if (candidates === null) return null
  const text = JSON.stringify(candidates)
  return text.length > MAX_CANDIDATES_TEXT ? null : text
}

export function readModelVersion(text: string): ModelVersion {
  return modelVersionSchema.parse(JSON.parse(text))
}

export function readModelEvaluation(text: string): ModelEvaluation {
  return modelEvaluationSchema.parse(JSON.parse(text))
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
