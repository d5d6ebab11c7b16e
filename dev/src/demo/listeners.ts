import { hash } from 'node:crypto'
import { demoLikings, type Liking } from '@bulkhead/personalization/demo/listeners'
import type { ApiClient } from '@bulkhead/service/api/api-client'
import { z } from 'zod'

/** As the subgraphs' `demo` commands make them. */
const SEED = 1
export const LISTENERS = 500

/** How likely a listener plays an item of the slate: what suits their taste, and in another way what everybody plays. */
const PLAYS: Readonly<Record<Liking, number>> = { fan: 0.5, interested: 0.2, stranger: 0.02 }
const PLAYS_POPULAR = 0.5
const SLATE_SIZE = 10
/** Few, because the newcomer's own requests go first. */
const AT_ONCE = 4

/** What is offered, and where it came from. */
type Offer = { readonly userId: string; readonly itemId: string; readonly source: string }
/** From 0 to 1. */
type Likelihood = (offer: Offer) => number

/** A listener opens their home page. On another occasion they may play something else of the same slate. */
export type Visit = { readonly userId: string; readonly occasion: string }

const slateSchema = z.object({
  recommendations: z.object({
    id: z.string(),
    servedBy: z.object({ rung: z.string() }),
    modelVersion: z.object({ id: z.string() }).nullable(),
    items: z.object({
      edges: z.array(z.object({ source: z.string(), node: z.object({ id: z.string() }).nullable() })),
    }),
  }),
})
const recordedSchema = z.object({
  recordInteractions: z.object({ accepted: z.int(), errors: z.tuple([]) }),
})

const likingOf = demoLikings(SEED)

function demoLikelihood({ userId, itemId, source }: Offer): number {
  return source === 'popular' ? PLAYS_POPULAR : PLAYS[likingOf(userId, itemId)]
}

export function allListeners(): readonly string[] {
  return Array.from({ length: LISTENERS }, (_, index) => `u${index + 1}`)
}

/** A home slate for a listener. @throws ApiError */
export async function fetchSlate(client: ApiClient, userId: string) {
  return (await client.run(SLATE, { userId, size: SLATE_SIZE }, slateSchema)).recommendations
}

/**
 * Lets each of them fetch a home slate and play some of it, in this order, a few at a time. Who plays what depends on the
 * names of both and the occasion alone, so that a visit which is repeated adds nothing.
 * @param likelihood that an item is played; by default that of the demo's listeners
 * @returns how many items were played
 * @throws ApiError
 */
export async function visitHome(
  client: ApiClient,
  visits: readonly Visit[],
  likelihood: Likelihood = demoLikelihood,
): Promise<number> {
  const waiting = visits.toReversed()
  let plays = 0
  async function visitInTurn(): Promise<void> {
    for (let visit = waiting.pop(); visit !== undefined; visit = waiting.pop()) {
      // Read after the wait: others add to it meanwhile.
      const played = await visitOnce(client, visit, likelihood)
      plays += played
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, visitInTurn))
  return plays
}

async function visitOnce(
  client: ApiClient,
  { userId, occasion }: Visit,
  likelihood: Likelihood,
): Promise<number> {
  const { id: slateId, items } = await fetchSlate(client, userId)
  const interactions = items.edges.flatMap(({ source, node }) => {
    if (node === null) return []
    const offer = { userId, itemId: node.id, source }
    if (drawn(userId, node.id, occasion) >= likelihood(offer)) return []
    return [{ eventId: eventIdOf(userId, node.id, occasion), userId, itemId: node.id, type: 'PLAY', slateId }]
  })
  if (interactions.length === 0) return 0
  const recorded = await client.run(RECORD, { input: { interactions } }, recordedSchema)
  return recorded.recordInteractions.accepted
}

/** Looks like a random UUID, as a client's must, and is the same for the same names. */
function eventIdOf(...names: readonly string[]): string {
  const digits = hash('sha256', `play ${names.join(' ')}`, 'hex')
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5')
}

/** A number in [0, 1) that the names give. */
export function drawn(...names: readonly string[]): number {
  return Number.parseInt(hash('sha256', names.join(' '), 'hex').slice(0, 8), 16) / 2 ** 32
}

const SLATE = /* GraphQL */ `
  query DemoSlate($userId: ID!, $size: Int!) {
    recommendations(userId: $userId, size: $size) {
      id servedBy { rung } modelVersion { id } items { edges { source node { id } } }
    }
  }
`
const RECORD = /* GraphQL */ `
  mutation DemoPlays($input: RecordInteractionsInput!) {
    recordInteractions(input: $input) { accepted errors { code message } }
  }
`
