import { changedOf, refusalsSchema } from '@bulkhead/service/api/api-client'
import { z } from 'zod'

/** What a mutation of experiments selects; `payloadSchema` reads it. */
export const PAYLOAD_FIELDS = 'experiment { key status revision version } errors { code message path }'

const experimentSchema = z.object({
  key: z.string(),
  status: z.string(),
  revision: z.int(),
  version: z.int(),
})

export const payloadSchema = z.object({
  experiment: experimentSchema.nullable(),
  errors: refusalsSchema,
})

/** An experiment right after a change. */
export type ChangedExperiment = z.infer<typeof experimentSchema>

/**
 * The experiment of a payload.
 * @throws ApiError that names every refusal with its field
 */
export function acceptedOf({ experiment, errors }: z.infer<typeof payloadSchema>): ChangedExperiment {
  return changedOf(experiment, errors)
}
