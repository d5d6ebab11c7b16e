import { z } from 'zod'
import { eventIdSchema, identifierSchema, instantSchema, keySchema, sha256Schema } from '../primitives.ts'

/** The stages of a model version, in the order of its path. */
export const MODEL_STAGES = [
  'REGISTERED',
  'EVALUATED',
  'SHADOW',
  'EXPERIMENT',
  'PRODUCTION',
  'RETIRED',
] as const
export type ModelStage = (typeof MODEL_STAGES)[number]

/** Why a version is RETIRED: another one took its place in PRODUCTION, or it was taken out for good because of how it did. */
export const MODEL_EXIT_REASONS = ['replaced', 'rolled-back'] as const

/** A model version entered a stage, so that no experiment starts on a model that is not there. */
export const modelStageChangedEventSchema = z.object({
  kind: z.literal('modelStageChanged'),
  /** `modelStageEventId(modelVersionId, change)`. */
  eventId: eventIdSchema,
  modelVersionId: identifierSchema,
  /** The model's name. */
  model: keySchema,
  /** SHA-256 of the artefact, hex. */
  artefactHash: sha256Schema,
  /** Counts the changes of this version, from 1: whichever of two arrives first, the higher is the newer. */
  change: z.int().min(1),
  from: z.enum(MODEL_STAGES).nullable(),
  to: z.enum(MODEL_STAGES),
  /**
   * Of a change to RETIRED. `replaced` is of one from PRODUCTION; `rolled-back`, from wherever, also of what a guardrail has
   * switched off, and revokes the decisions about the version. Absent for every other change.
   */
  reason: z.enum(MODEL_EXIT_REASONS).exactOptional(),
  occurredAt: instantSchema,
})

export type ModelStageChangedEvent = z.infer<typeof modelStageChangedEventSchema>
