import { z } from 'zod'

const QUERY =
  'query ($userId: ID!) { recommendations(userId: $userId) { modelVersion { id } servedBy { rung cause } items { edges { itemId } } } }'

const answerSchema = z.object({
  data: z.object({
    recommendations: z.object({
      modelVersion: z.object({ id: z.string() }).nullable(),
      servedBy: z.object({ rung: z.string(), cause: z.string().nullable() }),
      items: z.object({ edges: z.array(z.object({ itemId: z.string() })).min(1) }),
    }),
  }),
})

export type ServedSlate = {
  /** Null where no model serves. */
  readonly modelVersionId: string | null
  /** The rung of the ladder, and why none above it, for people to read. */
  readonly servedBy: string
  readonly itemIds: readonly string[]
}

/** A slate as the gateway asks a replica for it. @throws for any answer without a list */
export async function askSlate(
  url: string,
  headers: Readonly<Record<string, string>>,
  userId: string,
): Promise<ServedSlate> {
  const body = JSON.stringify({ query: QUERY, variables: { userId } })
  const answer = await fetch(url, { method: 'POST', headers, body })
  const { recommendations } = answerSchema.parse(await answer.json()).data
  const itemIds = recommendations.items.edges.map(({ itemId }) => itemId)
  const { rung, cause } = recommendations.servedBy
  return {
    modelVersionId: recommendations.modelVersion?.id ?? null,
    servedBy: cause === null ? rung : `${rung} (${cause})`,
    itemIds,
  }
}
