import { type ApiClient, ApiError, changedOf, refusalsSchema } from '@bulkhead/service/api/api-client'
import { z } from 'zod'

const FIELDS = /* GraphQL */ `
  modelVersionId revision status artefactHash evaluationHash rationale decidedBy decidedAt revokedAt signature
  reviews { by approved comment at }
`
const LIST = /* GraphQL */ `
  query BootstrapDecisions { bootstrapDecisions { ${FIELDS} } }
`
const PAYLOAD = `bootstrapDecision { ${FIELDS} } errors { code message path }`
const RECORD = /* GraphQL */ `
  mutation RecordBootstrapDecision($input: RecordBootstrapDecisionInput!) {
    payload: recordBootstrapDecision(input: $input) { ${PAYLOAD} }
  }
`
const REVIEW = /* GraphQL */ `
  mutation ReviewBootstrapDecision($input: ReviewBootstrapDecisionInput!) {
    payload: reviewBootstrapDecision(input: $input) { ${PAYLOAD} }
  }
`

const decisionSchema = z.object({
  modelVersionId: z.string(),
  revision: z.int(),
  status: z.string(),
  artefactHash: z.string(),
  evaluationHash: z.string().nullable(),
  rationale: z.string(),
  decidedBy: z.string(),
  decidedAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().nullable(),
  signature: z.string().nullable(),
  reviews: z.array(
    z.object({ by: z.string(), approved: z.boolean(), comment: z.string(), at: z.iso.datetime() }),
  ),
})
const listSchema = z.object({ bootstrapDecisions: z.array(decisionSchema).nullable() })
const changeSchema = z.object({
  payload: z.object({
    bootstrapDecision: decisionSchema.nullable(),
    errors: refusalsSchema,
  }),
})

/** A bootstrap decision as the API gives it; times are RFC 3339. */
export type ApiBootstrapDecision = z.infer<typeof decisionSchema>

/** @throws ApiError */
export async function listBootstrapDecisions(client: ApiClient): Promise<readonly ApiBootstrapDecision[]> {
  const { bootstrapDecisions } = await client.run(LIST, {}, listSchema)
  if (bootstrapDecisions === null) throw new ApiError('the API has no list of decisions now: try again')
  return bootstrapDecisions
}

/** @throws ApiError with every refusal */
export function recordBootstrapDecision(
  client: ApiClient,
  input: {
    readonly modelVersionId: string
    readonly evaluationHash: string | null
    readonly rationale: string
  },
): Promise<ApiBootstrapDecision> {
  return change(client, RECORD, input)
}

/**
 * Approves or rejects.
 * @param review.revision the one that the caller has seen; null for what the decision is at now
 * @throws ApiError with every refusal
 */
export async function reviewBootstrapDecision(
  client: ApiClient,
  review: {
    readonly modelVersionId: string
    readonly revision: number | null
    readonly approved: boolean
    readonly comment: string
  },
): Promise<ApiBootstrapDecision> {
  const { modelVersionId, approved, comment } = review
  const revision = review.revision ?? (await currentRevision(client, modelVersionId))
  return change(client, REVIEW, { modelVersionId, revision, approved, comment })
}

async function currentRevision(client: ApiClient, modelVersionId: string): Promise<number> {
  const found = (await listBootstrapDecisions(client)).find((one) => one.modelVersionId === modelVersionId)
  if (found !== undefined) return found.revision
  throw new ApiError(
    `BOOTSTRAP_NOT_FOUND: no bootstrap decision about "${modelVersionId}" has been recorded; \`bootstrap list\` prints those there are`,
  )
}

async function change(
  client: ApiClient,
  document: string,
  input: Readonly<Record<string, unknown>>,
): Promise<ApiBootstrapDecision> {
  const { bootstrapDecision, errors } = (await client.run(document, { input }, changeSchema)).payload
  return changedOf(bootstrapDecision, errors)
}
