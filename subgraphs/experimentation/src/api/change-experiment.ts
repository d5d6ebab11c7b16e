import { type ApiClient, ApiError } from '@bulkhead/service/api/api-client'
import { z } from 'zod'
import { acceptedOf, type ChangedExperiment, PAYLOAD_FIELDS, payloadSchema } from './payload.ts'

const MUTATIONS = {
  submit: 'submitForReview',
  start: 'startExperiment',
  pause: 'pauseExperiment',
  resume: 'resumeExperiment',
  stop: 'stopExperiment',
} as const

export type Step = keyof typeof MUTATIONS

const REVISION = /* GraphQL */ `
  query ExperimentRevision($key: ID!) { experiment(key: $key) { revision } }
`
const CREATE = /* GraphQL */ `
  mutation CreateExperiment($input: CreateExperimentInput!) {
    payload: createExperiment(input: $input) { ${PAYLOAD_FIELDS} }
  }
`
const REVIEW = /* GraphQL */ `
  mutation ReviewExperiment($input: ReviewInput!) {
    payload: reviewExperiment(input: $input) { ${PAYLOAD_FIELDS} }
  }
`

const revisionSchema = z.object({ experiment: z.object({ revision: z.int() }).nullable() })
const changeSchema = z.object({ payload: payloadSchema })

/** An experiment that the API does not have. */
export function unknownExperiment(key: string): ApiError {
  return new ApiError(
    `EXPERIMENT_NOT_FOUND: there is no experiment "${key}"; \`list\` prints those there are`,
  )
}

/**
 * Creates a draft.
 * @param input a CreateExperimentInput, which the API checks
 * @throws ApiError with every refusal
 */
export async function createExperiment(
  client: ApiClient,
  input: Readonly<Record<string, unknown>>,
): Promise<ChangedExperiment> {
  return acceptedOf((await client.run(CREATE, { input }, changeSchema)).payload)
}

/**
 * Takes a step of the lifecycle.
 * @param options.revision the one that the caller has seen; null for what the experiment is at now
 * @throws ApiError with every refusal
 */
export async function stepExperiment(
  client: ApiClient,
  { step, key, revision, reason }: StepOptions,
): Promise<ChangedExperiment> {
  const document = /* GraphQL */ `
    mutation StepExperiment($input: ExperimentActionInput!) {
      payload: ${MUTATIONS[step]}(input: $input) { ${PAYLOAD_FIELDS} }
    }
  `
  // The API does not compare the revision of a pause, so the kill switch needs no read before it.
  const sent = revision ?? (step === 'pause' ? 0 : await currentRevision(client, key))
  const input = { key, revision: sent, reason }
  return acceptedOf((await client.run(document, { input }, changeSchema)).payload)
}

type StepOptions = {
  readonly step: Step
  readonly key: string
  readonly revision: number | null
  readonly reason: string
}

/**
 * Approves or rejects.
 * @param options.revision as for a step
 * @throws ApiError with every refusal
 */
export async function reviewExperiment(
  client: ApiClient,
  { key, revision, approved, comment }: ReviewOptions,
): Promise<ChangedExperiment> {
  const input = { key, revision: revision ?? (await currentRevision(client, key)), approved, comment }
  return acceptedOf((await client.run(REVIEW, { input }, changeSchema)).payload)
}

type ReviewOptions = {
  readonly key: string
  readonly revision: number | null
  readonly approved: boolean
  readonly comment: string
}

async function currentRevision(client: ApiClient, key: string): Promise<number> {
  const { experiment } = await client.run(REVISION, { key }, revisionSchema)
  if (experiment === null) throw unknownExperiment(key)
  return experiment.revision
}
