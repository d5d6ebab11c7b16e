import { isDeepStrictEqual } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { counted, countedSoFar } from './harness/exposures.ts'
import type { Answer } from './harness/graphql.ts'
import { DEMO_EXPERIMENT, HOME_SLATE, RECORD, SLATE_ONLY } from './harness/queries.ts'
import { createStack, type Stack, startStack } from './harness/stack.ts'
import { waitUntil } from './harness/wait-until.ts'

const SLATES = 200
const AT_ONCE = 8

let stack: Stack
afterEach(async () => {
  await stack?.stop()
})

/** Asks for one slate each of many different listeners and checks that the slate part is whole. */
async function serveMany(document: string, check: (answer: Answer, ms: number) => void): Promise<void> {
  const waiting = Array.from({ length: SLATES }, (_, index) => `u${index + 1}`)
  async function serve(): Promise<void> {
    for (let userId = waiting.shift(); userId !== undefined; userId = waiting.shift()) {
      const asked = performance.now()
      const answer = await stack.query(document, { userId })
      const ms = performance.now() - asked
      expect(answer.status).toBe(200)
      expect(answer.data.recommendations.items.edges).toHaveLength(20)
      expect(answer.errors.filter((error) => error.path?.[1] !== 'exposures')).toEqual([])
      check(answer, ms)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, serve))
}

async function expectCounts(expected: { units: number; exposures: number }): Promise<void> {
  await waitUntil(
    `all exposures arrive: ${JSON.stringify(expected)}`,
    async () => isDeepStrictEqual(await countedSoFar(stack, DEMO_EXPERIMENT), expected),
    60_000,
  )
  // Nothing more may trickle in: a duplicate would show as a higher count once the outbox is empty.
  await outboxIsEmpty()
  expect(await counted(stack, DEMO_EXPERIMENT)).toEqual(expected)
}

async function outboxIsEmpty(): Promise<void> {
  await waitUntil(
    'the outbox is empty',
    async () => (await stack.metric('personalization', 'bulkhead_outbox_size')) === 0,
  )
}

describe('with experimentation killed', () => {
  test('slates are served without an error of their own, and every exposure arrives once when it is back', async () => {
    stack = await startStack()
    await stack.process('experimentation').kill()
    await serveMany(HOME_SLATE, ({ data, errors }) => {
      expect(data.recommendations.snapshotVersion).toBeGreaterThan(0)
      expect(data.recommendations.exposures).toBeNull()
      expect(errors).toEqual([
        {
          message: 'experimentation is not available',
          path: ['recommendations', 'exposures'],
          extensions: {
            code: 'SUBGRAPH_UNAVAILABLE',
            subgraph: 'experimentation',
            retryable: true,
            requestId: expect.any(String),
          },
        },
      ])
    })
    await stack.start('experimentation')
    await expectCounts({ units: SLATES, exposures: SLATES })
  })
})

describe('with experimentation frozen', () => {
  const ENTITY_DEADLINE_MS = 100
  /** What personalization and a busy machine may add. */
  const SLACK_MS = 2_000

  test('slates come within the entity deadline, and every exposure arrives once when it thaws', async () => {
    stack = await startStack({ env: { gateway: { ENTITY_DEADLINE_MS: String(ENTITY_DEADLINE_MS) } } })
    stack.process('experimentation').freeze()
    await serveMany(HOME_SLATE, ({ data, errors }, ms) => {
      expect(ms).toBeLessThan(ENTITY_DEADLINE_MS + SLACK_MS)
      expect(data.recommendations.exposures).toBeNull()
      expect(errors).toHaveLength(1)
      expect(errors[0]).toMatchObject({
        path: ['recommendations', 'exposures'],
        extensions: { code: 'SUBGRAPH_DEADLINE', subgraph: 'experimentation' },
      })
    })
    stack.process('experimentation').thaw()
    await expectCounts({ units: SLATES, exposures: SLATES })
  })
})

describe('with experimentation started only after personalization', () => {
  test('slates are served unassigned until the first snapshot, and assigned from then on', async () => {
    stack = await createStack()
    await stack.start('personalization')
    await stack.start('gateway')
    await serveMany(SLATE_ONLY, ({ data, errors }) => {
      expect(errors).toEqual([])
      expect(data.recommendations.snapshotVersion).toBeNull()
      expect(data.recommendations.servedBy.rung).toBe('MODEL')
    })
    await stack.start('experimentation')
    await stack.snapshotArrives()
    const { data } = await stack.query(HOME_SLATE, { userId: 'u1' })
    expect(data.recommendations.exposures).toHaveLength(1)
    await expectCounts({ units: 1, exposures: 1 })
  })

  test('the snapshot kept from the last run serves at once, before experimentation is there', async () => {
    stack = await startStack()
    const { data: first } = await stack.query(HOME_SLATE, { userId: 'u1' })
    await Promise.all([stack.process('personalization').stop(), stack.process('experimentation').stop()])
    await stack.start('personalization')
    const { data: second } = await stack.query(SLATE_ONLY, { userId: 'u1' })
    expect(second.recommendations.snapshotVersion).toBe(first.recommendations.snapshotVersion)
  })
})

describe('with the outbox full', () => {
  const OUTBOX_LIMIT = 50
  const interactions = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      eventId: crypto.randomUUID(),
      userId: `u${index + 1}`,
      itemId: 'unknown',
      type: 'PLAY',
    }))

  test('slates go on unassigned, interactions are refused as retryable, memory stays flat, and what was accepted arrives', async () => {
    stack = await startStack({ env: { personalization: { OUTBOX_LIMIT: String(OUTBOX_LIMIT) } } })
    const { data: catalogue } = await stack.query('{ items(first: 1) { nodes { id } } }')
    const itemId = catalogue.items.nodes[0].id
    // The news of the demo's model would take room.
    await waitUntil(
      'the news of the model is delivered',
      async () => (await stack.metric('personalization', 'bulkhead_outbox_delivered_total')) > 0,
    )
    await outboxIsEmpty()
    await stack.process('experimentation').kill()

    const assigned = new Set<string>()
    let users = 0
    async function serveNext(): Promise<void> {
      const userId = `u${++users}`
      const { data, errors } = await stack.query(SLATE_ONLY, { userId })
      expect(errors).toEqual([])
      expect(data.recommendations.items.edges).toHaveLength(20)
      if (data.recommendations.snapshotVersion !== null) assigned.add(userId)
    }
    // A slate that became durable while the outbox was measured counts twice until it is measured again.
    await waitUntil('the outbox is full', async () => {
      await serveNext()
      return assigned.size >= OUTBOX_LIMIT
    })
    for (let more = 0; more < OUTBOX_LIMIT; more += 1) await serveNext()
    expect(assigned.size).toBe(OUTBOX_LIMIT)

    const batch = interactions(10).map((interaction) => ({ ...interaction, itemId }))
    const refused = await stack.query(RECORD, { input: { interactions: batch } })
    expect(refused.data.recordInteractions.accepted).toBe(0)
    expect(refused.data.recordInteractions.errors.map((error: { code: string }) => error.code)).toEqual(
      batch.map(() => 'OUTBOX_FULL'),
    )

    const residentBytes = () => stack.metric('personalization', 'process_resident_memory_bytes')
    async function serveUnassigned(rounds: number): Promise<void> {
      for (let round = 0; round < rounds; round += 1) {
        await serveMany(SLATE_ONLY, ({ data }) => expect(data.recommendations.snapshotVersion).toBeNull())
      }
    }
    // The heaps of the process and of its thread reach their size first.
    await serveUnassigned(8)
    const before = await residentBytes()
    await serveUnassigned(5)
    expect((await residentBytes()) - before).toBeLessThan(64 * 1024 * 1024)

    await stack.start('experimentation')
    await expectCounts({ units: assigned.size, exposures: assigned.size })
    const accepted = await stack.query(RECORD, { input: { interactions: batch } })
    expect(accepted.data.recordInteractions).toEqual({ accepted: batch.length, errors: [] })
  })
})
