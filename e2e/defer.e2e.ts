import { gql, type InMemoryCache } from '@apollo/client'
import { createClient, type Home, showHome } from '@bulkhead/example-frontend/home'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { streamParts } from './harness/multipart.ts'
import { DEMO_EXPERIMENT } from './harness/queries.ts'
import { type Stack, startStack } from './harness/stack.ts'
import { waitUntil } from './harness/wait-until.ts'

const DEFERRED_SLATE = /* GraphQL */ `
  query DeferredSlate($userId: ID!, $later: Boolean! = true) {
    recommendations(userId: $userId) {
      id
      items { edges { itemId rank node { id title } } }
      ... @defer(if: $later, label: "exposures") {
        exposures { experimentKey variantKey status experiment { key name } }
      }
    }
  }
`

const ENTITY_DEADLINE_MS = 1_000
const DEFERRED_DEADLINE_MS = 2_500

let stack: Stack
beforeAll(async () => {
  stack = await startStack({
    env: {
      gateway: {
        ENTITY_DEADLINE_MS: String(ENTITY_DEADLINE_MS),
        DEFERRED_DEADLINE_MS: String(DEFERRED_DEADLINE_MS),
      },
    },
  })
})
afterEach(() => {
  stack.process('experimentation').thaw()
})
afterAll(async () => {
  await stack?.stop()
})

/** The parts of a deferred answer, each with its time in milliseconds since the request. */
function deferredSlate(userId: string) {
  return streamParts(stack.url('gateway', '/graphql'), DEFERRED_SLATE, { userId })
}

describe('a home page that defers its exposures', () => {
  test('shows the items first and the exposures later, and ends with the cache of the undeferred query', async () => {
    const url = stack.url('gateway', '/graphql')
    const seen: Home[] = []
    const stop = showHome(createClient(url), 'u1', (home) => seen.push(home))
    await waitUntil('the exposures are shown', async () =>
      seen.some(({ exposures }) => exposures !== undefined),
    )
    stop()
    expect(seen.map(({ items, exposures }) => [items.length, exposures?.length])).toEqual([
      [20, undefined],
      [20, 1],
    ])
    expect(seen[1]?.exposures?.[0]?.experimentKey).toBe(DEMO_EXPERIMENT)

    const { data: made } = await stack.query('{ recommendations(userId: "u2") { id } }')
    const stored = gql`
      query Stored($id: ID!, $later: Boolean!) {
        slate(id: $id) {
          id
          items { nodes { id title } }
          ... @defer(if: $later) { exposures { experimentKey variantKey experiment { key name } } }
        }
      }
    `
    async function cacheAfter(later: boolean): Promise<unknown> {
      const client = createClient(url)
      const variables = { id: made.recommendations.id, later }
      await client.query({ query: stored, variables, fetchPolicy: 'network-only' })
      const { data } = await client.query({ query: stored, variables, fetchPolicy: 'cache-only' })
      return { data, cache: (client.cache as InMemoryCache).extract() }
    }
    const withoutCondition = (value: unknown) =>
      JSON.parse(JSON.stringify(value).replaceAll(/"later":\w+/g, ''))
    expect(withoutCondition(await cacheAfter(true))).toEqual(withoutCondition(await cacheAfter(false)))
  })
})

describe('deferred exposures', () => {
  test('come in a later part of the same answer, even after the deadline of a plain one', async () => {
    stack.process('experimentation').freeze()
    setTimeout(() => stack.process('experimentation').thaw(), ENTITY_DEADLINE_MS + 500)
    const parts = await deferredSlate('u1')
    const [first, last] = parts
    expect(parts).toHaveLength(2)
    expect(first?.ms).toBeLessThan(ENTITY_DEADLINE_MS)
    expect(first?.body).toMatchObject({
      data: { recommendations: { id: expect.any(String) } },
      hasNext: true,
    })
    expect(first?.body).not.toHaveProperty('data.recommendations.exposures')
    expect(last?.ms).toBeGreaterThan(ENTITY_DEADLINE_MS)
    expect(last?.body).toMatchObject({
      incremental: [
        {
          path: ['recommendations'],
          label: 'exposures',
          data: { exposures: [{ experimentKey: DEMO_EXPERIMENT, experiment: { key: DEMO_EXPERIMENT } }] },
        },
      ],
      hasNext: false,
    })
  })

  test('of a frozen experimentation end the answer at their deadline, with an error', async () => {
    stack.process('experimentation').freeze()
    const parts = await deferredSlate('u1')
    const last = parts.at(-1)
    expect(parts).toHaveLength(2)
    expect(parts[0]?.ms).toBeLessThan(ENTITY_DEADLINE_MS)
    expect(last?.ms).toBeGreaterThan(DEFERRED_DEADLINE_MS - 100)
    expect(last?.ms).toBeLessThan(DEFERRED_DEADLINE_MS + 1_500)
    expect(last?.body).toEqual({
      incremental: [
        {
          path: ['recommendations'],
          label: 'exposures',
          data: { exposures: null },
          errors: [
            {
              message: expect.stringContaining('experimentation did not answer within'),
              path: ['recommendations', 'exposures'],
              extensions: {
                code: 'SUBGRAPH_DEADLINE',
                subgraph: 'experimentation',
                retryable: true,
                requestId: expect.any(String),
              },
            },
          ],
        },
      ],
      hasNext: false,
    })
  })

  test('are null at once for a client that takes one answer only, and are not asked for in vain by one that left', async () => {
    stack.process('experimentation').freeze()
    const begun = performance.now()
    const { data, errors } = await stack.query(DEFERRED_SLATE, { userId: 'u1' })
    expect(performance.now() - begun).toBeLessThan(DEFERRED_DEADLINE_MS)
    expect(data.recommendations.items.edges).toHaveLength(20)
    expect(data.recommendations.exposures).toBeNull()
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['SUBGRAPH_DEADLINE'])

    const leaving = new AbortController()
    const answer = await fetch(stack.url('gateway', '/graphql'), {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'multipart/mixed;deferSpec=20220824' },
      body: JSON.stringify({ query: DEFERRED_SLATE, variables: { userId: 'u2' } }),
      signal: leaving.signal,
    })
    expect((await answer.body?.getReader().read())?.done).toBe(false)
    const inFlight = () => stack.metric('gateway', 'bulkhead_subgraph_fetches_in_flight')
    expect(await inFlight()).toBe(1)
    leaving.abort()
    await waitUntil('its fetch ends', async () => (await inFlight()) === 0, DEFERRED_DEADLINE_MS / 2)
  })
})
