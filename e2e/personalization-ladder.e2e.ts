import { expect, test } from 'vitest'
import { corruptArtefact } from './harness/artefacts.ts'
import { runPersonalization } from './harness/commands.ts'
import { describeOnBoth, stackForEach } from './harness/datastores.ts'
import { countedSoFar } from './harness/exposures.ts'
import { freezeStore } from './harness/frozen-store.ts'
import { DEMO_EXPERIMENT, RECORD } from './harness/queries.ts'
import { serveNewestModel } from './harness/serve-model.ts'
import type { Stack } from './harness/stack.ts'
import { waitUntil } from './harness/wait-until.ts'

const USERS = 30
/** Of a user that the demo's model knows. */
const KNOWN_USER = 'u1'

const SLATE = /* GraphQL */ `
  query Slate($userId: ID!) {
    recommendations(userId: $userId, size: 20) {
      snapshotVersion
      servedBy { rung cause modelShare sources { name outcome candidates items } }
      policy { id candidateWidth }
      modelVersion { id }
      items { edges { itemId } }
    }
  }
`

describeOnBoth('the ladder', (acquire) => {
  let stack: Stack
  const start = stackForEach(acquire, (started) => {
    stack = started
  })

  async function serve(userId = KNOWN_USER) {
    const { status, data, errors } = await stack.query(SLATE, { userId })
    expect([status, errors]).toEqual([200, []])
    const slate = data.recommendations
    const ids = slate.items.edges.map(({ itemId }: { itemId: string }) => itemId)
    expect(new Set(ids).size).toBe(20)
    return slate
  }

  /** Every user is served, and how many slates were assigned, that is: have an exposure. */
  async function serveAll(): Promise<number> {
    const slates = await Promise.all(Array.from({ length: USERS }, (_, user) => serve(`u${user + 1}`)))
    return slates.filter(({ snapshotVersion }) => snapshotVersion !== null).length
  }

  /** Trains a version that goes into production, on what is stored and one interaction more. */
  async function train(eventId: string): Promise<void> {
    const { data } = await stack.query('{ items(first: 1) { nodes { id } } }')
    const itemId = data.items.nodes[0].id
    const interactions = [{ eventId, userId: 'trainer', itemId, type: 'PLAY' }]
    expect((await stack.query(RECORD, { input: { interactions } })).data.recordInteractions.accepted).toBe(1)
    await runPersonalization(stack, ['train'])
    await serveNewestModel(stack.datastores.personalization)
  }

  test('a process that starts while the model in production is corrupt serves the version before, until there is a good one', async () => {
    await start()
    const first = await serve()
    expect(first).toMatchObject({ servedBy: { rung: 'MODEL', cause: null } })
    await train(crypto.randomUUID())
    await waitUntil('the new version serves', async () => {
      return (await serve()).modelVersion.id !== first.modelVersion.id
    })
    const second = await serve()
    expect(second.servedBy).toMatchObject({ rung: 'MODEL', modelShare: first.servedBy.modelShare })
    let assigned = await serveAll()

    await corruptArtefact(stack.datastores.personalization, second.modelVersion.id)
    await stack.process('personalization').kill()
    await stack.start('personalization')
    const third = await serve()
    expect(third).toMatchObject({
      // The experiment's mix leaves the model the same share, whichever serves.
      servedBy: { rung: 'PREVIOUS_MODEL', cause: 'NO_MODEL', modelShare: first.servedBy.modelShare },
      modelVersion: { id: first.modelVersion.id },
    })
    expect(third.servedBy.sources).toEqual(
      expect.arrayContaining([
        { name: 'model', outcome: 'UNAVAILABLE', candidates: 0, items: 0 },
        expect.objectContaining({ name: 'previous_model', outcome: 'ANSWERED' }),
      ]),
    )
    expect(await stack.metric('personalization', 'bulkhead_models_unloadable')).toBe(1)
    assigned += await serveAll()

    await train(crypto.randomUUID())
    await waitUntil('a good version serves', async () => (await serve()).servedBy.rung === 'MODEL')
    expect([first.modelVersion.id, second.modelVersion.id]).not.toContain((await serve()).modelVersion.id)
    expect(assigned).toBe(2 * USERS)
    await waitUntil(
      'the exposure of every unit is there',
      async () => (await countedSoFar(stack, DEMO_EXPERIMENT)).units === USERS,
      60_000,
    )
  })

  test('while the datastore is frozen for writes every slate is served, unassigned, and what was acknowledged arrives', async () => {
    await start()
    expect(await serveAll()).toBe(USERS)
    const thaw = await freezeStore(stack.datastores.personalization)
    let whileFrozen = 0
    try {
      await waitUntil('slates are served without waiting', async () => {
        await serve()
        return (
          (await stack.metric('personalization', 'bulkhead_slates_unassigned_total', [
            'DATASTORE_UNAVAILABLE',
          ])) > 0
        )
      })
      const asked = performance.now()
      whileFrozen = await serveAll()
      expect(performance.now() - asked).toBeLessThan(5_000)
    } finally {
      await thaw()
    }
    expect(whileFrozen).toBe(0)
    await waitUntil('slates are assigned again', async () => (await serve()).snapshotVersion !== null)
    expect(await serveAll()).toBe(USERS)
    await waitUntil(
      'the outbox is empty',
      async () => (await stack.metric('personalization', 'bulkhead_outbox_size')) === 0,
      60_000,
    )
    await waitUntil(
      'every unit is counted',
      async () => (await countedSoFar(stack, DEMO_EXPERIMENT)).units === USERS,
      60_000,
    )
  })
})
