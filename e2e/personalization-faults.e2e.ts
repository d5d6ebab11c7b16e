import { expect, test } from 'vitest'
import { describeOnBoth, stackForEach } from './harness/datastores.ts'
import { countedSoFar } from './harness/exposures.ts'
import { DEMO_EXPERIMENT, HOME_SLATE, RECORD } from './harness/queries.ts'
import type { Stack } from './harness/stack.ts'
import { storedEventIds } from './harness/stored-events.ts'
import { waitUntil } from './harness/wait-until.ts'

const INTERACTIONS = 2_000
const PER_CALL = 10
const WRITERS = 4

describeOnBoth('a killed subgraph', (acquire) => {
  let stack: Stack
  const start = stackForEach(acquire, (started) => {
    stack = started
  })

  test('personalization: metadata is still answered, and errors stand only at the fields of the dead one', async () => {
    await start()
    await stack.query(HOME_SLATE, { userId: 'u1' })
    await waitUntil(
      'the exposure is counted',
      async () => (await countedSoFar(stack, DEMO_EXPERIMENT)).exposures === 1,
    )
    await stack.process('personalization').kill()
    const { status, data, errors } = await stack.query(`{
      experiments { nodes { key status exposureCounts { variantKey units exposures } } }
      assignments(unit: "u1") { experimentKey variantKey included reason }
      recommendations(userId: "u1") { id }
      item(id: "x") { id }
    }`)
    expect(status).toBe(200)
    expect(data.experiments.nodes).toEqual([
      expect.objectContaining({
        key: DEMO_EXPERIMENT,
        status: 'RUNNING',
        exposureCounts: [expect.anything()],
      }),
    ])
    expect(data.assignments).toEqual([
      expect.objectContaining({ experimentKey: DEMO_EXPERIMENT, included: true }),
    ])
    expect(data).toMatchObject({ recommendations: null, item: null })
    expect(
      errors.map(({ path, extensions }) => [path?.[0], extensions.code, extensions.subgraph]).sort(),
    ).toEqual([
      ['item', 'SUBGRAPH_UNAVAILABLE', 'personalization'],
      ['recommendations', 'SUBGRAPH_UNAVAILABLE', 'personalization'],
    ])
    for (const secret of [stack.url('personalization'), '127.0.0.1', 'ECONNREFUSED', '    at ']) {
      expect(JSON.stringify(errors)).not.toContain(secret)
    }
  })

  test.each(['personalization', 'experimentation'] as const)(
    '%s, in the middle of 2,000 interactions: all that was acknowledged is there afterwards, once',
    async (victim) => {
      await start()
      const { data: catalogue } = await stack.query('{ items(first: 50) { nodes { id } } }')
      const itemIds: string[] = catalogue.items.nodes.map((node: { id: string }) => node.id)
      const users = ['crash-1', 'crash-2', 'crash-3', 'crash-4']
      const acknowledged = new Map<string, string[]>(users.map((user) => [user, []]))
      let sent = 0
      let killed: Promise<void> | undefined
      let restarted: Promise<void> | undefined

      async function record(interactions: { eventId: string; userId: string }[]): Promise<boolean> {
        try {
          const { data } = await stack.query(RECORD, { input: { interactions } })
          return data?.recordInteractions?.accepted === interactions.length
        } catch {
          return false
        }
      }
      async function write(userId: string): Promise<void> {
        for (let call = 0; call < INTERACTIONS / WRITERS / PER_CALL; call += 1) {
          const interactions = Array.from({ length: PER_CALL }, (_, index) => ({
            eventId: crypto.randomUUID(),
            userId,
            itemId: itemIds[(call * PER_CALL + index) % itemIds.length] ?? '',
            type: 'PLAY',
          }))
          // As a client would: the same events again until they are accepted. Some were durable the first time.
          await waitUntil(`${userId} is heard`, () => record(interactions))
          acknowledged.get(userId)?.push(...interactions.map((interaction) => interaction.eventId))
          sent += PER_CALL
          if (sent >= INTERACTIONS / 2 && !killed) {
            killed = stack.process(victim).kill()
            restarted = killed.then(() => stack.start(victim))
          }
        }
      }
      await Promise.all(users.map(write))
      await restarted
      expect(killed).toBeDefined()

      for (const userId of users) {
        const stored: string[] = []
        let after: string | null = null
        do {
          const answer = await stack.query(
            `query ($id: ID!, $after: String) { user(id: $id) { interactions(first: 100, after: $after) {
              nodes { eventId } pageInfo { hasNextPage endCursor } } } }`,
            { id: userId, after },
          )
          const { nodes, pageInfo } = answer.data.user.interactions
          stored.push(...nodes.map((node: { eventId: string }) => node.eventId))
          after = pageInfo.hasNextPage ? pageInfo.endCursor : null
        } while (after !== null)
        expect(stored.toSorted()).toEqual(acknowledged.get(userId)?.toSorted())
      }
      await waitUntil(
        'the outbox is empty',
        async () => (await stack.metric('personalization', 'bulkhead_outbox_size')) === 0,
        60_000,
      )
      const delivered = await storedEventIds(stack.datastores.experimentation, 'interaction')
      expect(delivered.toSorted()).toEqual([...acknowledged.values()].flat().toSorted())
    },
  )
})
