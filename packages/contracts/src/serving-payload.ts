import { z } from 'zod'
import { identifierSchema } from './primitives.ts'

/** Candidate sources that a payload may mix. */
export const SOURCE_NAMES = ['model', 'popular'] as const
export type SourceName = (typeof SOURCE_NAMES)[number]

/**
 * ServingPayload v1: what a variant may set in personalization. Strict, because a key that the pipeline does not
 * read would be recorded as an exposure to a treatment that nobody got.
 */
export const servingPayloadSchema = z
  .strictObject({
    /** Serve this model version, and no other. A control that tests models pins its version too. */
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
    /** At most so many items of one creator in a slate, while enough other candidates are left. */
    diversity: z.strictObject({ maxPerCreator: z.int().min(1).max(500) }).optional(),
    /** Share of the positions that are filled by a uniformly random candidate, 0 to 1 (epsilon-greedy). */
    exploration: z.strictObject({ epsilon: z.number().min(0).max(1) }).optional(),
  })
  .refine((payload) => Object.keys(payload).length > 0, 'sets nothing')

export type ServingPayload = z.infer<typeof servingPayloadSchema>

/** The parameters that a payload can set; two experiments that reach one unit may not share one. */
export type ServingParameter = keyof ServingPayload
