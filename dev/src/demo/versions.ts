import type { ModelStage } from '@bulkhead/contracts'
import { promoteModel } from '@bulkhead/personalization/api/model-path'
import type { ApiClient } from '@bulkhead/service/api/api-client'
import { z } from 'zod'
import { waitFor } from './wait.ts'

const versionSchema = z.object({
  id: z.string(),
  owner: z.string(),
  stage: z.string(),
  evaluation: z
    .object({
      hash: z.string(),
      metrics: z.array(z.object({ name: z.string(), championDelta: z.number().nullable() })),
    })
    .nullable(),
  shadow: z.object({ requests: z.int(), overlapAt10: z.number(), latencyP99Ms: z.number() }).nullable(),
  nextSteps: z.array(z.object({ to: z.string(), missing: z.array(z.string()) })),
})
const foundSchema = z.object({ modelVersion: versionSchema.nullable() })

export type FoundVersion = z.infer<typeof versionSchema>

/** @returns null where there is none. @throws ApiError */
export async function findVersion(client: ApiClient, id: string): Promise<FoundVersion | null> {
  return (await client.run(VERSION, { id }, foundSchema)).modelVersion
}

/** The id of the version in PRODUCTION; null where none is. @throws ApiError */
export async function findProduction(client: ApiClient): Promise<string | null> {
  const { modelVersions } = await client.run(PRODUCTION, {}, productionSchema)
  return modelVersions.nodes[0]?.id ?? null
}

/** What a version lacks for a stage; null where it has no such step. @throws ApiError */
export async function missingFor(
  client: ApiClient,
  id: string,
  to: ModelStage,
): Promise<readonly string[] | null> {
  const version = await findVersion(client, id)
  return version?.nextSteps.find((step) => step.to === to)?.missing ?? null
}

/**
 * One step along the path, as soon as nothing is missing for it: what crosses from the other subgraph takes a second.
 * @throws ApiError, and Error where something stays missing
 */
export async function promoteWhenReady(
  client: ApiClient,
  { id, to, reason }: { readonly id: string; readonly to: ModelStage; readonly reason: string },
  signal: AbortSignal,
): Promise<void> {
  let missing: readonly string[] | null = null
  try {
    await waitFor(
      `${id} may be ${to}`,
      async () => {
        missing = await missingFor(client, id, to)
        return missing?.length === 0 ? true : null
      },
      { signal },
    )
  } catch (error) {
    const reasons = missing ?? ['it has no such step']
    throw new Error(`${id} cannot be ${to}: ${[...reasons].join('; ')}`, { cause: error })
  }
  await promoteModel(client, { id, to, reason })
}

const PRODUCTION =
  'query DemoProduction { modelVersions(first: 1, filter: { stages: [PRODUCTION] }) { nodes { id } } }'
const productionSchema = z.object({
  modelVersions: z.object({ nodes: z.array(z.object({ id: z.string() })) }),
})
const VERSION = /* GraphQL */ `
  query DemoVersion($id: ID!) {
    modelVersion(id: $id) {
      id owner stage
      evaluation { hash metrics { name championDelta } }
      shadow { requests overlapAt10 latencyP99Ms }
      nextSteps { to missing }
    }
  }
`
