import { z } from 'zod'
import { identifierSchema } from './primitives.ts'

/** The candidate sources that a payload can mix. */
export const SOURCE_NAMES = ['model', 'popular', 'trending', 'new', 'popular-in-categories'] as const
export type SourceName = (typeof SOURCE_NAMES)[number]

/**
 * ServingPayload v1: what a variant can set in personalization. Strict, because for a key that the pipeline does not
 * read, exposures to a treatment would be recorded that nobody got.
 */
export const servingPayloadSchema = z
  .strictObject({
    /** The only model version to serve. Where models are compared, the control names its version too. */
    modelVersionId: identifierSchema.optional(),
    /** The candidate mix: share of the slate that each source fills, in proportion to its weight. */
    sources: z
      .array(z.strictObject({ name: z.enum(SOURCE_NAMES), weight: z.number().positive().max(1000) }))
      .min(1)
      .max(SOURCE_NAMES.length)
      .refine(
        (sources) => new Set(sources.map((source) => source.name)).size === sources.length,
        'names a source twice',
      )
      .optional(),
    diversity: z
      .strictObject({
        /** Upper bound on items of one creator per slate, as long as there are enough other candidates. */
        maxPerCreator: z.int().min(1).max(500).optional(),
        /** Maximal marginal relevance: weight of relevance against similarity to the items before; 1 by default. */
        mmrLambda: z.number().min(0).max(1).optional(),
        /** What an item's relevance is multiplied by for each item of its creator before it; 1 by default. */
        creatorDecay: z.number().min(0).max(1).optional(),
        /** Weight of the user's own mix of categories against relevance; 0 by default. */
        calibration: z.number().min(0).max(1).optional(),
      })
      .refine((diversity) => Object.keys(diversity).length > 0, 'sets nothing')
      .optional(),
    /** Share of the positions that are filled by a uniformly random candidate, 0 to 1 (epsilon-greedy). */
    exploration: z.strictObject({ epsilon: z.number().min(0).max(1) }).optional(),
  })
  .refine((payload) => Object.keys(payload).length > 0, 'sets nothing')

export type ServingPayload = z.infer<typeof servingPayloadSchema>

/** A parameter that a payload can set. Two experiments that can reach the same unit must not set the same one. */
export type ServingParameter = keyof ServingPayload
