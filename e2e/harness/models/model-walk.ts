import { expect } from 'vitest'
import type { Stack } from '../stack.ts'
import type { User } from '../token.ts'
import { waitUntil } from '../wait-until.ts'
import { registerCopies } from './seed-models.ts'

const SLATE = /* GraphQL */ `
  query ($userId: ID!) {
    recommendations(userId: $userId) {
      servedBy { rung cause }
      modelVersion { id }
      items { nodes { id } }
    }
  }
`
const VERSION = /* GraphQL */ `
  query ($id: ID!) {
    modelVersion(id: $id) {
      stage
      artefactHash
      nextSteps { to missing }
      stageHistory { from to by reason evidence { kind hash } }
    }
  }
`
const PROMOTE = /* GraphQL */ `
  mutation ($id: ID!, $to: ModelStage!) {
    promoteModel(input: { id: $id, to: $to, reason: "e2e" }) { modelVersion { stage } errors { message } }
  }
`
const ROLLBACK = /* GraphQL */ `
  mutation ($id: ID!) {
    rollbackModel(input: { expectedCurrent: $id, reason: "e2e" }) { errors { message } }
  }
`
const DECIDE = /* GraphQL */ `
  mutation ($metric: MetricInput!, $input: CreateExperimentInput!) {
    createMetric(input: $metric) { errors { message } }
    createExperiment(input: $input) { errors { message } }
  }
`
const METRIC = { key: 'path-plays', name: 'Plays', kind: 'COUNT', event: 'PLAY' }

export type ShownVersion = {
  readonly stage: string
  readonly artefactHash: string
  readonly nextSteps: readonly { readonly to: string; readonly missing: readonly string[] }[]
  readonly stageHistory: readonly {
    readonly from: string | null
    readonly to: string
    readonly by: string
    readonly reason: string
    readonly evidence: { readonly kind: string; readonly hash: string | null } | null
  }[]
}

/** What serves this user, such as `MODEL ease-v1`. */
export async function servedBy(stack: Pick<Stack, 'query'>, userId: string): Promise<string> {
  const { data, errors } = await stack.query(SLATE, { userId })
  expect(errors).toEqual([])
  const { servedBy: rung, modelVersion, items } = data.recommendations
  expect(items.nodes.length).toBeGreaterThan(0)
  return [rung.rung, modelVersion?.id ?? rung.cause].join(' ')
}

export async function shownVersion(stack: Pick<Stack, 'query'>, id: string): Promise<ShownVersion> {
  const { data, errors } = await stack.query(VERSION, { id })
  expect(errors).toEqual([])
  return data.modelVersion
}

/**
 * Asks once for one step along the path; resolves to the new stage, or to what is missing. Rejects where there is no
 * answer.
 */
export async function askPromotion(stack: Pick<Stack, 'query'>, id: string, to: string): Promise<string> {
  const { data, errors } = await stack.query(PROMOTE, { id, to }, { as: 'ana' })
  if (errors.length > 0) throw new Error(JSON.stringify(errors))
  const { modelVersion, errors: refusals } = data.promoteModel
  return modelVersion?.stage ?? refusals.map(({ message }: { message: string }) => message).join()
}

/** As `askPromotion`, but asks again where there is no answer: the machine may be too busy to give one. */
export async function promote(stack: Pick<Stack, 'query'>, id: string, to: string): Promise<string> {
  let outcome = ''
  await waitUntil(`${id} is promoted to ${to}, or refused`, async () => {
    outcome = await askPromotion(stack, id, to)
    return true
  })
  return outcome
}

export async function rollback(stack: Pick<Stack, 'query'>, id: string): Promise<void> {
  const { data, errors } = await stack.query(ROLLBACK, { id }, { as: 'ana' })
  expect([errors, data?.rollbackModel.errors]).toEqual([[], []])
}

/** Until the version lacks nothing for a stage: decisions arrive with the snapshot. */
export function lacksNothing(stack: Pick<Stack, 'query'>, id: string, to: string): Promise<void> {
  return waitUntil(`${id} lacks nothing for ${to}`, async () => {
    const { nextSteps } = await shownVersion(stack, id)
    return nextSteps.find((step) => step.to === to)?.missing.length === 0
  })
}

/** Copies of a version that have come to the stage EXPERIMENT, step by step. */
export async function bringToExperiment(
  stack: Pick<Stack, 'query' | 'datastores'>,
  ids: readonly string[],
  options: Omit<Parameters<typeof registerCopies>[1], 'as'>,
): Promise<void> {
  await registerCopies(stack.datastores.personalization, { ...options, as: ids })
  for (const id of ids) {
    for (const to of ['EVALUATED', 'SHADOW', 'EXPERIMENT']) expect(await promote(stack, id, to)).toBe(to)
  }
}

/** Of a first model: recorded by one person and approved by another, once experimentation knows of the version. */
export async function decideBootstrap(stack: Pick<Stack, 'query'>, modelVersionId: string): Promise<void> {
  const payload = 'bootstrapDecision { revision status } errors { message }'
  const record = `mutation ($input: RecordBootstrapDecisionInput!) { recordBootstrapDecision(input: $input) { ${payload} } }`
  const review = `mutation ($input: ReviewBootstrapDecisionInput!) { reviewBootstrapDecision(input: $input) { ${payload} } }`
  let revision = 0
  await waitUntil('experimentation knows of the first model', async () => {
    const input = { modelVersionId, rationale: 'the first' }
    const { data } = await stack.query(record, { input }, { as: 'ana' })
    revision = data.recordBootstrapDecision.bootstrapDecision?.revision ?? 0
    return revision > 0
  })
  const input = { modelVersionId, revision, approved: true, comment: 'as measured' }
  const { data, errors } = await stack.query(review, { input }, { as: 'ben' })
  expect([errors, data?.reviewBootstrapDecision.errors]).toEqual([[], []])
}

type Versions = { readonly control: string; readonly treatment: string; readonly surface: string }

async function createExperiment(
  stack: Pick<Stack, 'query'>,
  key: string,
  { surface, ...versions }: Versions,
): Promise<void> {
  const variant = (name: 'control' | 'treatment') => ({
    ...{ key: name, name, weight: 0.5, isControl: name === 'control' },
    payload: { modelVersionId: versions[name] },
  })
  const input = {
    ...{ key, name: key, hypothesis: 'The challenger is played more.', owner: 'e2e' },
    surfaces: [surface],
    metrics: [{ metricKey: METRIC.key, role: 'SUCCESS' }],
    plan: { plannedSampleSize: 1_000 },
    variants: [variant('control'), variant('treatment')],
  }
  const { data, errors } = await stack.query(DECIDE, { metric: METRIC, input }, { as: 'ana' })
  expect([errors, data?.createExperiment.errors]).toEqual([[], []])
}

/** An experiment that serves both versions, started: where no approvals are needed (REVIEW_QUORUM=0). */
export async function startExperiment(
  stack: Pick<Stack, 'query'>,
  key: string,
  versions: Versions,
): Promise<void> {
  await createExperiment(stack, key, versions)
  await started(stack, key)
}

/** The same where one approval is needed, which is ben's. */
export async function startReviewedExperiment(
  stack: Pick<Stack, 'query'>,
  key: string,
  versions: Versions,
): Promise<void> {
  await createExperiment(stack, key, versions)
  expect(await act(stack, key, 'submitForReview')).toEqual([])
  expect(await act(stack, key, 'reviewExperiment', APPROVAL, 'ben')).toEqual([])
  await started(stack, key)
}

/** Experimentation hears of the versions with their events. */
function started(stack: Pick<Stack, 'query'>, key: string): Promise<void> {
  return waitUntil(`${key} is started`, async () => (await act(stack, key, 'startExperiment')).length === 0)
}

/** What a review says that approves. */
export const APPROVAL = { approved: true, comment: 'as planned' }

/** What a step takes where it is not ExperimentActionInput. */
const INPUT_TYPES: Readonly<Record<string, string>> = {
  recordDecision: 'RecordDecisionInput',
  reviewDecision: 'ReviewInput',
  reviewExperiment: 'ReviewInput',
}

/** One step of an experiment's lifecycle; resolves to the refusals. */
export async function act(
  stack: Pick<Stack, 'query'>,
  key: string,
  name: string,
  input: Readonly<Record<string, unknown>> = { reason: 'e2e' },
  user: User = 'ana',
): Promise<readonly { readonly code: string; readonly path: readonly string[] }[]> {
  const found = await stack.query('query ($key: ID!) { experiment(key: $key) { revision } }', { key })
  const { revision } = found.data.experiment
  const { data, errors } = await stack.query(
    `mutation ($input: ${INPUT_TYPES[name] ?? 'ExperimentActionInput'}!) { ${name}(input: $input) { errors { code path } } }`,
    { input: { key, revision, ...input } },
    { as: user },
  )
  expect(errors).toEqual([])
  return data[name].errors
}

/** A real SHIP about the version: an experiment is started, stopped and decided. */
export async function ship(
  stack: Pick<Stack, 'query'>,
  id: string,
  options: { readonly champion: string },
): Promise<void> {
  const key = `ship-${id}`
  await startExperiment(stack, key, { control: options.champion, treatment: id, surface: key })
  expect(await act(stack, key, 'stopExperiment')).toEqual([])
  const decision = { outcome: 'SHIP', variantKey: 'treatment', rationale: 'it is better' }
  expect(await act(stack, key, 'recordDecision', decision)).toEqual([])
}
