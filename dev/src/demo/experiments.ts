import { type ApiAnalysis, runAnalysisByApi } from '@bulkhead/experimentation/api/run-analysis'
import { type ApiClient, changedOf, refusalsSchema } from '@bulkhead/service/api/api-client'
import { z } from 'zod'
import type { DemoClients } from './clients.ts'
import { waitFor } from './wait.ts'

const ANALYSIS_TIMEOUT_MS = 60_000
/** Each attempt computes an analysis. */
const ATTEMPT_PAUSE_MS = 1_000

const experimentSchema = z.object({
  status: z.string(),
  revision: z.int(),
  startedAt: z.iso.datetime().nullable(),
  variants: z.array(z.object({ key: z.string(), isControl: z.boolean(), payload: z.unknown() })),
  results: z.object({ units: z.int() }).nullable(),
  decision: z.object({ outcome: z.string() }).nullable(),
})
const foundSchema = z.object({ experiment: experimentSchema.nullable() })
const refusableSchema = z.object({ payload: z.object({ errors: refusalsSchema }) })

export type FoundExperiment = z.infer<typeof experimentSchema>

/** @returns null where there is none. @throws ApiError */
export async function findExperiment(client: ApiClient, key: string): Promise<FoundExperiment | null> {
  return (await client.run(EXPERIMENT, { key }, foundSchema)).experiment
}

/** @throws ApiError with every refusal, but for a metric that is there already */
export async function defineMetric(
  client: ApiClient,
  metric: { readonly key: string } & Readonly<Record<string, unknown>>,
): Promise<void> {
  const { metric: known } = await client.run(METRIC, { key: metric.key }, metricSchema)
  if (known !== null) return
  await mutate(client, DEFINE, metric)
}

/** @throws ApiError with every refusal */
export async function recordDecision(
  client: ApiClient,
  input: {
    readonly key: string
    readonly revision: number
    readonly outcome: string
    readonly variantKey: string | null
    readonly analysisId: string
    readonly rationale: string
  },
): Promise<void> {
  await mutate(client, DECIDE, input)
}

/** Approves the decision. @throws ApiError with every refusal */
export async function approveDecision(
  client: ApiClient,
  input: { readonly key: string; readonly revision: number; readonly comment: string },
): Promise<void> {
  await mutate(client, REVIEW, { ...input, approved: true })
}

/** Analyses until what so many units did has arrived, as of the time that the demo has then. @throws ApiError, Error */
export async function analyseAll(
  { author }: DemoClients,
  options: {
    readonly key: string
    readonly units: number
    readonly now: () => number
    readonly signal: AbortSignal
  },
): Promise<ApiAnalysis> {
  const { key, units, now, signal } = options
  let found = 0
  async function analyse(): Promise<ApiAnalysis | null> {
    const analysis = await runAnalysisByApi(author, {
      ...{ experimentKey: key, cutoff: now(), timeoutMs: ANALYSIS_TIMEOUT_MS },
    })
    found = analysis.units
    return found >= units ? analysis : null
  }
  try {
    const pace = { signal, timeoutMs: ANALYSIS_TIMEOUT_MS, pauseMs: ATTEMPT_PAUSE_MS }
    return await waitFor(`${key} has a result`, analyse, pace)
  } catch (error) {
    signal.throwIfAborted()
    throw new Error(`${key} has a result of ${found} of ${units} listeners`, { cause: error })
  }
}

async function mutate(
  client: ApiClient,
  document: string,
  input: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { payload } = await client.run(document, { input }, refusableSchema)
  changedOf(payload, payload.errors)
}

const EXPERIMENT = /* GraphQL */ `
  query DemoExperiment($key: ID!) {
    experiment(key: $key) {
      status revision startedAt variants { key isControl payload } results { units } decision { outcome }
    }
  }
`
const METRIC = 'query DemoMetric($key: ID!) { metric(key: $key) { key } }'
const metricSchema = z.object({ metric: z.object({ key: z.string() }).nullable() })
const DEFINE = /* GraphQL */ `
  mutation DemoDefineMetric($input: MetricInput!) {
    payload: createMetric(input: $input) { errors { code message path } }
  }
`
const DECIDE = /* GraphQL */ `
  mutation DemoRecordDecision($input: RecordDecisionInput!) {
    payload: recordDecision(input: $input) { errors { code message path } }
  }
`
const REVIEW = /* GraphQL */ `
  mutation DemoReviewDecision($input: ReviewInput!) {
    payload: reviewDecision(input: $input) { errors { code message path } }
  }
`
