import { MODEL_STAGES } from '@bulkhead/contracts'
import type { ApiClient } from '@bulkhead/service/api/api-client'
import { z } from 'zod'
import { unknownVersion } from './unknown-version.ts'

const SHOW = /* GraphQL */ `
  query ShowShadow($id: ID!) {
    modelVersion(id: $id) {
      id stage
      shadow {
        champion { id }
        requests failures failuresByKind { threw timedOut crashed empty }
        overlapAt10 rankBiasedOverlap popularityShift coverage latencyP50Ms latencyP99Ms
      }
    }
  }
`

const shownSchema = z.object({
  id: z.string(),
  stage: z.enum(MODEL_STAGES),
  shadow: z
    .object({
      champion: z.object({ id: z.string() }).nullable(),
      requests: z.int(),
      failures: z.int(),
      failuresByKind: z.object({ threw: z.int(), timedOut: z.int(), crashed: z.int(), empty: z.int() }),
      overlapAt10: z.number(),
      rankBiasedOverlap: z.number(),
      popularityShift: z.number().nullable(),
      coverage: z.number(),
      latencyP50Ms: z.number(),
      latencyP99Ms: z.number(),
    })
    .transform(({ champion, ...report }) => ({ ...report, championId: champion?.id ?? null }))
    .nullable(),
})

/** A version with what it did in shadow; null where it was never asked. */
export type ShownShadow = z.infer<typeof shownSchema>

/** @throws ApiError where the API refuses, and for an unknown id */
export async function showShadow(client: ApiClient, id: string): Promise<ShownShadow> {
  const schema = z.object({ modelVersion: shownSchema.nullable() })
  const { modelVersion } = await client.run(SHOW, { id }, schema)
  if (modelVersion === null) throw unknownVersion(id)
  return modelVersion
}
