import { MODEL_STAGES, type ModelStage, recipeSchema } from '@bulkhead/contracts'
import {
  type ApiClient,
  ApiError,
  changedOf,
  refusalsSchema,
  refusedWith,
} from '@bulkhead/service/api/api-client'
import { z } from 'zod'
import { legalSteps } from '../domain/model-path/step.ts'
import { unknownVersion } from './unknown-version.ts'

const SHOW = /* GraphQL */ `
  query ShowModel($id: ID!) {
    modelVersion(id: $id) {
      id model version algorithm stage owner createdAt artefactHash
      trainingData { users items interactions cutoff fingerprint }
      recipe { algorithm parameters dataSource codeVersion }
      refresh { of { id } decisionHash }
      canary {
        champion { id }
        canary { lists listeners failed empty latencyP99Ms distinctItems }
        production { lists listeners failed empty latencyP99Ms distinctItems }
      }
      evaluation {
        hash createdAt champion { id }
        metrics { name value lower upper championDelta }
      }
      stageHistory { from to at by reason evidence { kind hash record } }
      nextSteps { to missing }
    }
  }
`
const STAGE = 'query ModelStage($id: ID!) { modelVersion(id: $id) { stage } }'
const PROMOTE = /* GraphQL */ `
  mutation PromoteModel($input: PromoteModelInput!) {
    payload: promoteModel(input: $input) { modelVersion { id stage } errors { code message path } }
  }
`
const ROLL_BACK = /* GraphQL */ `
  mutation RollbackModel($input: RollbackModelInput!) {
    payload: rollbackModel(input: $input) { modelVersion { id stage } errors { code message path } }
  }
`

const time = z.iso.datetime()
const stage = z.enum(MODEL_STAGES)

const figuresSchema = z.object({
  lists: z.int(),
  listeners: z.int(),
  failed: z.int(),
  empty: z.int(),
  latencyP99Ms: z.number(),
  distinctItems: z.int(),
})

const shownSchema = z.object({
  id: z.string(),
  model: z.string(),
  version: z.int(),
  algorithm: z.string(),
  stage,
  owner: z.string(),
  createdAt: time,
  artefactHash: z.string(),
  trainingData: z.object({
    users: z.int(),
    items: z.int(),
    interactions: z.int(),
    cutoff: time,
    fingerprint: z.string(),
  }),
  recipe: recipeSchema.nullable(),
  refresh: z.object({ of: z.object({ id: z.string() }).nullable(), decisionHash: z.string() }).nullable(),
  canary: z
    .object({
      champion: z.object({ id: z.string() }).nullable(),
      canary: figuresSchema,
      production: figuresSchema,
    })
    .nullable(),
  evaluation: z
    .object({
      hash: z.string(),
      createdAt: time,
      champion: z.object({ id: z.string() }).nullable(),
      metrics: z.array(
        z.object({
          name: z.string(),
          value: z.number(),
          lower: z.number(),
          upper: z.number(),
          championDelta: z.number().nullable(),
        }),
      ),
    })
    .nullable(),
  stageHistory: z.array(
    z.object({
      from: stage.nullable(),
      to: stage,
      at: time,
      by: z.string(),
      reason: z.string(),
      evidence: z.object({ kind: z.string(), hash: z.string().nullable(), record: z.unknown() }).nullable(),
    }),
  ),
  nextSteps: z.array(z.object({ to: stage, missing: z.array(z.string()) })),
})

const payloadSchema = z.object({
  payload: z.object({
    modelVersion: z.object({ id: z.string(), stage }).nullable(),
    errors: refusalsSchema,
  }),
})

/** A model version with its path, as the API tells it. */
export type ShownModel = z.infer<typeof shownSchema>
export type MovedModel = { readonly id: string; readonly stage: ModelStage }

/** @throws ApiError where the API refuses, and for an unknown id */
export async function showModel(client: ApiClient, id: string): Promise<ShownModel> {
  const schema = z.object({ modelVersion: shownSchema.nullable() })
  const { modelVersion } = await client.run(SHOW, { id }, schema)
  if (modelVersion === null) throw unknownVersion(id)
  return modelVersion
}

/**
 * One step along the path.
 * @param options.to null for the next on the way to PRODUCTION
 * @throws ApiError with what is missing
 */
export async function promoteModel(
  client: ApiClient,
  options: { readonly id: string; readonly to: ModelStage | null; readonly reason: string },
): Promise<MovedModel> {
  const { id, reason } = options
  const to = options.to ?? (await nextStage(client, id))
  const { payload } = await client.run(PROMOTE, { input: { id, to, reason } }, payloadSchema)
  return changedOf(payload.modelVersion, payload.errors)
}

async function nextStage(client: ApiClient, id: string): Promise<ModelStage> {
  const schema = z.object({ modelVersion: z.object({ stage }).nullable() })
  const { modelVersion } = await client.run(STAGE, { id }, schema)
  if (modelVersion === null) throw unknownVersion(id)
  const [next] = legalSteps(modelVersion.stage)
  if (next === undefined || next === 'RETIRED') {
    throw new ApiError(`ILLEGAL_STEP: ${id} is ${modelVersion.stage}, and has no step towards PRODUCTION`)
  }
  return next
}

/**
 * Takes a version out of PRODUCTION.
 * @returns the version that serves instead; null for none
 * @throws ApiError where it is not the one in PRODUCTION
 */
export async function rollBackModel(
  client: ApiClient,
  { id, reason }: { readonly id: string; readonly reason: string },
): Promise<MovedModel | null> {
  const { payload } = await client.run(ROLL_BACK, { input: { expectedCurrent: id, reason } }, payloadSchema)
  if (payload.errors.length > 0) throw refusedWith(payload.errors)
  return payload.modelVersion
}
