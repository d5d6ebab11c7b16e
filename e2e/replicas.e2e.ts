import { afterAll, beforeAll, expect, test } from 'vitest'
import { acquireDatastores, describeIfMongo, type MongoHandle } from './harness/datastores.ts'
import { counted, countedSoFar } from './harness/exposures.ts'
import { DEMO_EXPERIMENT, EXPOSURE_COUNTS, HOME_SLATE } from './harness/queries.ts'
import { type Stack, startStack } from './harness/stack.ts'
import { waitUntil } from './harness/wait-until.ts'

const USERS = 100

describeIfMongo('two replicas of everything', () => {
  let mongo: MongoHandle
  let replicas: Stack[] = []

  beforeAll(async () => {
    mongo = await acquireDatastores()
    const first = await startStack({ datastores: mongo.datastores })
    replicas = [first]
    replicas.push(await startStack({ datastores: mongo.datastores, secrets: first.secrets }))
  })
  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()))
    await mongo?.stop()
  })

  test('assign each listener alike, store each exposure once, and share the relay work', async () => {
    let slates = 0
    for (let index = 1; index <= USERS; index += 1) {
      const answers = await Promise.all(
        replicas.map((replica) => replica.query(HOME_SLATE, { userId: `u${index}` })),
      )
      slates += answers.length
      const exposures = answers.map(({ data, errors }) => {
        expect(errors).toEqual([])
        return data.recommendations.exposures.map(({ experimentKey, variantKey }: Record<string, string>) => [
          experimentKey,
          variantKey,
        ])
      })
      expect(exposures[0]).toHaveLength(1)
      expect(exposures[1]).toEqual(exposures[0])
    }
    for (const replica of replicas) {
      await waitUntil(
        'every exposure is counted',
        async () => (await countedSoFar(replica, DEMO_EXPERIMENT)).exposures >= slates,
      )
      expect(await counted(replica, DEMO_EXPERIMENT)).toEqual({ units: USERS, exposures: slates })
    }
    const delivered = await Promise.all(
      replicas.map((replica) => replica.metric('personalization', 'bulkhead_outbox_delivered_total')),
    )
    expect(delivered.every((count) => count > 0)).toBe(true)
  })

  test('one replica serves the slate that the other stored', async () => {
    const [first, second] = replicas as [Stack, Stack]
    const { data } = await first.query(HOME_SLATE, { userId: 'u1' })
    const slate = data.recommendations
    const other = await second.query(
      'query ($id: ID!) { slate(id: $id) { id items { edges { itemId rank } } exposures { variantKey } } }',
      { id: slate.id },
    )
    expect(other.errors).toEqual([])
    expect(other.data.slate.items.edges).toEqual(
      slate.items.edges.map(({ itemId, rank }: { itemId: string; rank: number }) => ({ itemId, rank })),
    )
  })

  test('the kill switch pulled on one replica reaches the other', async () => {
    const [first, second] = replicas as [Stack, Stack]
    const { data } = await first.query(EXPOSURE_COUNTS, { key: DEMO_EXPERIMENT })
    const paused = await first.query(
      `mutation ($input: ExperimentActionInput!) { pauseExperiment(input: $input) { experiment { status } errors { code message } } }`,
      { input: { key: DEMO_EXPERIMENT, revision: data.experiment.revision, reason: 'end-to-end test' } },
    )
    expect(paused.data.pauseExperiment).toEqual({ experiment: { status: 'PAUSED' }, errors: [] })
    for (const replica of [first, second]) {
      await waitUntil('nobody is included any more', async () => {
        const answer = await replica.query(HOME_SLATE, { userId: 'u1' })
        return answer.data.recommendations.exposures?.length === 0
      })
    }
  })
})
