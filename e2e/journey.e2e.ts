import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { assign, parsePublicKeys, readSnapshot } from '@bulkhead/contracts'
import { expect, test } from 'vitest'
import { describeOnBoth, shareStack } from './harness/datastores.ts'
import { countedSoFar } from './harness/exposures.ts'
import { DEMO_EXPERIMENT, HOME_SLATE, SLATE_ONLY } from './harness/queries.ts'
import type { Stack } from './harness/stack.ts'
import { waitUntil } from './harness/wait-until.ts'

const CONSUMING = new Set(['CLICK', 'PLAY', 'LIKE'])

/** What the evaluator assigns to a unit, from the snapshot that experimentation publishes. */
async function evaluate(stack: Stack, unit: string, surface: string) {
  const response = await fetch(stack.url('experimentation', '/v1/snapshot'), {
    headers: { authorization: `Bearer ${stack.secrets.snapshotReadToken}` },
  })
  const { signingKeyId, publicKey } = stack.secrets
  const reading = readSnapshot(await response.json(), parsePublicKeys(`${signingKeyId}:${publicKey}`))
  if (reading.type !== 'snapshot') throw new Error(reading.message)
  return assign(reading.snapshot, { userId: unit }, {}, surface)
    .filter((assignment) => assignment.included)
    .map(({ experiment, variant }) => ({ experimentKey: experiment.key, variantKey: variant?.key }))
}

describeOnBoth('a listener', (acquire) => {
  let stack: Stack
  shareStack(acquire, (started) => {
    stack = started
  })

  test('gets 20 items from the model, none of them consumed before, with the exposures that the evaluator says', async () => {
    for (const userId of ['u1', 'u2', 'u3', 'u4', 'u5', 'u6']) {
      const { data, errors } = await stack.query(HOME_SLATE, { userId })
      expect(errors).toEqual([])
      const slate = data.recommendations
      expect(slate.servedBy).toEqual({ rung: 'MODEL', cause: null })
      expect(slate.modelVersion.id).toMatch(/^item-to-item-v\d+$/)

      const itemIds = slate.items.edges.map((edge: { itemId: string }) => edge.itemId)
      expect(new Set(itemIds).size).toBe(20)
      expect(slate.items.edges.map((edge: { rank: number }) => edge.rank)).toEqual(
        itemIds.map((_: string, i: number) => i + 1),
      )
      expect(
        slate.items.edges.every(
          (edge: { itemId: string; node: { id: string } }) => edge.node.id === edge.itemId,
        ),
      ).toBe(true)

      const history = await stack.query(
        'query ($id: ID!) { user(id: $id) { interactions(first: 100) { nodes { itemId type } } } }',
        { id: userId },
      )
      const consumed = history.data.user.interactions.nodes
        .filter((interaction: { type: string }) => CONSUMING.has(interaction.type))
        .map((interaction: { itemId: string }) => interaction.itemId)
      expect(consumed.length).toBeGreaterThan(0)
      expect(itemIds.filter((id: string) => consumed.includes(id))).toEqual([])

      const expected = await evaluate(stack, userId, 'home')
      expect(expected).toEqual([{ experimentKey: DEMO_EXPERIMENT, variantKey: expect.any(String) }])
      expect(
        slate.exposures.map(({ experimentKey, variantKey }: Record<string, string>) => ({
          experimentKey,
          variantKey,
        })),
      ).toEqual(expected)
      expect(slate.exposures[0]).toMatchObject({
        unit: userId,
        applied: true,
        snapshotVersion: slate.snapshotVersion,
      })
    }
  })

  test('sees an exposure turn from PENDING to RECORDED, counted once', async () => {
    const before = await countedSoFar(stack, DEMO_EXPERIMENT)
    const { data } = await stack.query(HOME_SLATE, { userId: 'u77' })
    const { id } = data.recommendations
    const status = async () =>
      (
        await stack.query(
          'query ($id: ID!) { slate(id: $id) { exposures { status recordedAt occurredAt } } }',
          { id },
        )
      ).data.slate.exposures[0]
    await waitUntil('the exposure is recorded', async () => (await status()).status === 'RECORDED')
    expect(await status()).toMatchObject({ recordedAt: expect.any(String), occurredAt: expect.any(String) })
    await waitUntil(
      'the exposure is counted',
      async () => (await countedSoFar(stack, DEMO_EXPERIMENT)).exposures >= before.exposures + 1,
    )
  })

  test('pages a stored slate stably, to the same items in the same order', async () => {
    const served = (await stack.query(SLATE_ONLY, { userId: 'u8' })).data.recommendations
    const PAGE = `query ($id: ID!, $after: String) { slate(id: $id) { items(first: 7, after: $after) {
      edges { itemId rank } pageInfo { hasNextPage hasPreviousPage endCursor } totalCount } } }`
    const edges: unknown[] = []
    let after: string | null = null
    do {
      const page: {
        edges: unknown[]
        totalCount: number
        pageInfo: { hasNextPage: boolean; endCursor: string }
      } = (await stack.query(PAGE, { id: served.id, after })).data.slate.items
      expect(page.totalCount).toBe(20)
      edges.push(...page.edges)
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null
    } while (after !== null)
    expect(edges).toEqual(served.items.edges)
  })

  test('changes the next slate by an interaction, without retraining', async () => {
    const first = (await stack.query(SLATE_ONLY, { userId: 'newcomer' })).data.recommendations
    expect(first.servedBy).toEqual({ rung: 'POPULAR', cause: 'COLD_START' })
    const played = first.items.edges[0].itemId
    const { data, errors } = await stack.query(
      'mutation ($input: RecordInteractionsInput!) { recordInteractions(input: $input) { accepted errors { code } } }',
      {
        input: {
          interactions: [{ eventId: crypto.randomUUID(), userId: 'newcomer', itemId: played, type: 'PLAY' }],
        },
      },
    )
    expect(errors).toEqual([])
    expect(data.recordInteractions).toEqual({ accepted: 1, errors: [] })
    const second = (await stack.query(SLATE_ONLY, { userId: 'newcomer' })).data.recommendations
    expect(second.servedBy.rung).toBe('MODEL')
    expect(second.items.edges.map((edge: { itemId: string }) => edge.itemId)).not.toContain(played)
  })

  test('finds what is similar to an item, and no more of a creator that they hid', async () => {
    const similarTo =
      'query ($itemId: ID!, $userId: ID) { similarItems(itemId: $itemId, userId: $userId) { score item { id creator available } } }'
    type Similar = { score: number; item: { id: string; creator: string; available: boolean } }
    const popular = await stack.query(HOME_SLATE, { userId: 'nobody-yet' })
    const itemId = popular.data.recommendations.items.edges[0].itemId
    const all: Similar[] = (await stack.query(similarTo, { itemId })).data.similarItems
    expect(all).toHaveLength(10)
    expect(all.every(({ score, item }) => score > 0 && item.available && item.id !== itemId)).toBe(true)
    expect((await stack.query(similarTo, { itemId: 'no such item' })).data).toEqual({ similarItems: null })

    const hidden = all[0]?.item
    const { data } = await stack.query(
      'mutation ($input: RecordInteractionsInput!) { recordInteractions(input: $input) { accepted errors { code } } }',
      {
        input: {
          interactions: [
            {
              eventId: crypto.randomUUID(),
              userId: 'u-hides',
              itemId: hidden?.id,
              type: 'HIDE',
              hideCreator: true,
            },
          ],
        },
      },
    )
    expect(data.recordInteractions).toEqual({ accepted: 1, errors: [] })
    const left: Similar[] = (await stack.query(similarTo, { itemId, userId: 'u-hides' })).data.similarItems
    expect(left).toHaveLength(10)
    expect(left.filter(({ item }) => item.creator === hidden?.creator)).toEqual([])
  })

  test('costs exactly one request to each subgraph for a slate with its exposures', async () => {
    const fetches = (subgraph: string) =>
      stack.metric('gateway', 'bulkhead_subgraph_fetches_total', [`subgraph="${subgraph}"`])
    const received = (name: 'personalization' | 'experimentation') =>
      stack.metric(name, 'bulkhead_http_requests_total', ['route="/graphql"'])
    const counts = async () => [
      await fetches('personalization'),
      await fetches('experimentation'),
      await received('personalization'),
      await received('experimentation'),
    ]
    const before = await counts()
    const { errors } = await stack.query(HOME_SLATE, { userId: 'u9' })
    expect(errors).toEqual([])
    expect(await counts()).toEqual(before.map((count) => count + 1))
  })

  test('is served through Apollo Client as through curl', async () => {
    const client = new ApolloClient({
      link: new HttpLink({ uri: stack.url('gateway', '/graphql') }),
      cache: new InMemoryCache(),
    })
    const { data } = await client.query<{
      recommendations: { exposures: unknown[]; items: { edges: unknown[] } }
    }>({
      query: gql(HOME_SLATE),
      variables: { userId: 'u10' },
    })
    expect(data?.recommendations.items.edges).toHaveLength(20)
    expect(data?.recommendations.exposures).toEqual([
      expect.objectContaining({ experimentKey: DEMO_EXPERIMENT, unit: 'u10' }),
    ])
    client.stop()
  })

  test('finds experiment metadata and model versions in the same graph', async () => {
    const { data, errors } = await stack.query(`{
      experiments(filter: { statuses: [RUNNING] }) { totalCount nodes { key variants { key weight payload isControl } } }
      modelVersions { nodes { id stage trainingData { users items interactions } stageHistory { to reason } } }
      items(first: 3) { totalCount nodes { id title creator categories } pageInfo { hasNextPage } }
    }`)
    expect(errors).toEqual([])
    expect(data.experiments).toMatchObject({ totalCount: 1, nodes: [{ key: DEMO_EXPERIMENT }] })
    expect(data.modelVersions.nodes[0]).toMatchObject({ stage: 'PRODUCTION', trainingData: { users: 435 } })
    expect(data.items.totalCount).toBeGreaterThan(1_900)
  })
})
