import { hash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'

/** The demo's experiment and listeners, as the subgraphs' `demo` commands make them. */
const EXPERIMENT = 'home-mix'
const LISTENERS = 500

/** How likely a listener plays an item: what is popular pleases them more than what the model finds. */
const PLAYS_POPULAR = 0.5
const PLAYS_OTHER = 0.15
const SLATE_SIZE = 10
/** Few, because the newcomer's own requests go first. */
const AT_ONCE = 4
const ATTEMPTS = 20
const PAUSE_MS = 1_000

type DemoListening =
  | { readonly type: 'listened'; readonly listeners: number; readonly plays: number }
  /** The experiment has a result of all listeners already, or is not the demo's running one. */
  | { readonly type: 'nothing-to-do' }

type Gateway = {
  readonly url: string
  /** Of somebody who may act for users, and analyse. */
  readonly token: string
  readonly signal: AbortSignal
}

const stateSchema = z.object({
  experiment: z.object({ status: z.string(), results: z.object({ units: z.int() }).nullable() }).nullable(),
})
const slateSchema = z.object({
  recommendations: z.object({
    id: z.string(),
    items: z.object({
      edges: z.array(z.object({ source: z.string(), node: z.object({ id: z.string() }).nullable() })),
    }),
  }),
})
const recordedSchema = z.object({
  recordInteractions: z.object({ accepted: z.int(), errors: z.tuple([]) }),
})
const analysedSchema = z.object({
  runAnalysis: z.object({
    analysis: z.object({ units: z.int() }).nullable(),
    errors: z.array(z.object({ code: z.string(), message: z.string() })),
  }),
})

/**
 * Lets every listener of the demo fetch a home slate and play some of it, and has the experiment analysed then, so that a
 * newcomer sees exposures and a first result. Listeners play more of what is popular, so the variant that mixes it in truly
 * is better. Who plays what depends on the names of both alone.
 * @throws Error where the gateway does not answer as it should
 */
export async function listen(gateway: Gateway): Promise<DemoListening> {
  const { experiment } = await ask(gateway, stateSchema, STATE, { key: EXPERIMENT })
  const analysed = experiment?.results?.units ?? 0
  // A result of some of them is what a start that was interrupted has left.
  if (experiment?.status !== 'RUNNING' || analysed >= LISTENERS) return { type: 'nothing-to-do' }
  const waiting = Array.from({ length: LISTENERS }, (_, index) => `u${index + 1}`)
  let plays = 0
  async function listenInTurn(): Promise<void> {
    for (let userId = waiting.pop(); userId !== undefined; userId = waiting.pop()) {
      plays += await listenOnce(gateway, userId)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, listenInTurn))
  await analyse(gateway)
  return { type: 'listened', listeners: LISTENERS, plays }
}

/** How many items were played. */
async function listenOnce(gateway: Gateway, userId: string): Promise<number> {
  const { recommendations } = await ask(gateway, slateSchema, SLATE, { userId, size: SLATE_SIZE })
  const interactions = recommendations.items.edges.flatMap(({ source, node }) => {
    if (node === null || drawn(userId, node.id) >= (source === 'popular' ? PLAYS_POPULAR : PLAYS_OTHER))
      return []
    return [
      {
        eventId: eventIdOf(userId, node.id),
        userId,
        itemId: node.id,
        type: 'PLAY',
        slateId: recommendations.id,
      },
    ]
  })
  if (interactions.length === 0) return 0
  const recorded = await ask(gateway, recordedSchema, RECORD, { input: { interactions } })
  return recorded.recordInteractions.accepted
}

/** Repeated until the events have arrived and the analysis is stored. */
async function analyse(gateway: Gateway): Promise<void> {
  let last = ''
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await sleep(PAUSE_MS, undefined, { signal: gateway.signal })
    const { runAnalysis } = await ask(gateway, analysedSchema, ANALYSE, { input: { key: EXPERIMENT } })
    const { analysis, errors } = runAnalysis
    if (analysis !== null && analysis.units >= LISTENERS) return
    last =
      analysis === null ? (errors[0]?.message ?? 'no reason given') : `it has ${analysis.units} listeners`
  }
  throw new Error(`${EXPERIMENT} has no result of all listeners after ${ATTEMPTS} attempts: ${last}`)
}

/** Looks like a random UUID, as a client's must, and is the same for both, so that listening again adds nothing. */
function eventIdOf(userId: string, itemId: string): string {
  const digits = hash('sha256', `play ${userId} ${itemId}`, 'hex')
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5')
}

/** A number in [0, 1) that the names give. */
function drawn(userId: string, itemId: string): number {
  return Number.parseInt(hash('sha256', `${userId} ${itemId}`, 'hex').slice(0, 8), 16) / 2 ** 32
}

/** The names of all operations here begin so. */
export const OPERATIONS = 'Demo'

const STATE = 'query DemoState($key: ID!) { experiment(key: $key) { status results { units } } }'
const SLATE = `query DemoSlate($userId: ID!, $size: Int!) {
  recommendations(userId: $userId, size: $size) { id items { edges { source node { id } } } }
}`
const RECORD = `mutation DemoPlays($input: RecordInteractionsInput!) {
  recordInteractions(input: $input) { accepted errors { code message } }
}`
const ANALYSE = `mutation DemoAnalysis($input: RunAnalysisInput!) {
  runAnalysis(input: $input) { analysis { units } errors { code message } }
}`

async function ask<Data>(
  { url, token, signal }: Gateway,
  schema: z.ZodType<Data>,
  query: string,
  variables: Readonly<Record<string, unknown>>,
): Promise<Data> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
    signal,
  })
  const body: unknown = await answer.json()
  const read = z.object({ data: schema }).safeParse(body)
  if (read.success) return read.data.data
  throw new Error(`the gateway answered ${answer.status} ${JSON.stringify(body).slice(0, 300)}`)
}
