import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { App } from './app.ts'
import { openPersonalizationStore } from './datastore/open.ts'
import type { PersonalizationStore } from './datastore/port.ts'
import { type FakeExperimentation, startFakeExperimentation } from './testing/fake-experimentation.ts'
import { sampleItem } from './testing/samples/catalogue.ts'
import { sampleUuid } from './testing/samples/interactions.ts'
import { publishPopular, queryApp, startTestApp } from './testing/test-app.ts'
import { createTestPublisher } from './testing/test-publisher.ts'

const HOUR_MS = 3_600_000
const PATIENT = { timeout: 10_000 }

const SLATE = `query ($userId: ID!) {
  recommendations(userId: $userId, size: 10) { id snapshotVersion items { nodes { id } } }
}`
const RECORD = `mutation ($interactions: [InteractionInput!]!) {
  recordInteractions(input: { interactions: $interactions }) { accepted errors { code } }
}`

const publisher = createTestPublisher()
/** Of the service and of the gateway, which are on one machine here. */
const clock = { now: () => Date.now() + offset }
let experimentation: FakeExperimentation
let store: PersonalizationStore
let app: App
/** How far the system clock is off, milliseconds. */
let offset: number

beforeEach(async () => {
  offset = 0
  experimentation = await startFakeExperimentation()
  store = await openPersonalizationStore('sqlite::memory:')
  await store.upsertItems(Array.from({ length: 50 }, (_, n) => sampleItem(`i${n}`, { createdAt: 0 })))
  app = await startTestApp({
    store,
    experimentation,
    publisher,
    clock,
  })
  await publishPopular(app, experimentation, publisher, 7)
})

afterEach(async () => {
  await app.stop()
  await store.close()
  await experimentation.close()
})

function query(source: string, variables: object) {
  return queryApp(app, source, variables, { clock })
}

/** Serves so many users a full slate under the snapshot. @returns the ids of the slates */
async function serve(users: number): Promise<string[]> {
  const ids: string[] = []
  for (let user = 0; user < users; user++) {
    const { body } = await query(SLATE, { userId: `u${user}` })
    expect(body.errors).toBeUndefined()
    const { id, snapshotVersion, items } = body.data.recommendations
    expect(snapshotVersion).toBe(7)
    expect(new Set(items.nodes.map((node: { id: string }) => node.id)).size).toBe(10)
    ids.push(id)
  }
  return ids
}

let interactions = 0
async function record(): Promise<string> {
  const eventId = sampleUuid(++interactions)
  const interaction = { eventId, userId: 'u1', itemId: 'i1', type: 'IMPRESSION' }
  const { body } = await query(RECORD, { interactions: [interaction] })
  expect(body.data.recordInteractions).toEqual({ accepted: 1, errors: [] })
  return eventId
}

function stored(kind: string) {
  return [...experimentation.stored.values()].filter((event) => event.kind === kind)
}

function slatesOf(events: ReturnType<typeof stored>) {
  return events.map((event) => ('slateId' in event ? event.slateId : null))
}

async function everythingArrives(slates: readonly string[], eventIds: readonly string[]): Promise<void> {
  await vi.waitFor(() => {
    expect(slatesOf(stored('exposure')).toSorted()).toEqual(slates.toSorted())
    expect(
      stored('interaction')
        .map(({ eventId }) => eventId)
        .toSorted(),
    ).toEqual(eventIds.toSorted())
  }, PATIENT)
  await vi.waitFor(async () => expect((await store.outboxState()).size).toBe(0), PATIENT)
  expect(await store.deadLetterCount()).toBe(0)
}

test('a clock that jumps an hour back and forth costs no slate, no assignment and no event', async () => {
  const slates = await serve(3)
  const eventIds = [await record()]
  for (const jump of [-HOUR_MS, 0, HOUR_MS, 0, -HOUR_MS]) {
    offset = jump
    slates.push(...(await serve(3)))
    eventIds.push(await record())
    await everythingArrives(slates, eventIds)
  }
})

test('a clock that is set back during an outage of experimentation does not put the delivery off', async () => {
  let failures = 0
  experimentation.behave((batch) => {
    if (batch.some(({ kind }) => kind === 'exposure')) failures++
    return { status: 503, body: {} }
  })
  offset = HOUR_MS
  const before = await serve(2)
  await vi.waitFor(() => expect(failures).toBeGreaterThan(1), PATIENT)
  offset = 0
  const after = await serve(2)
  experimentation.behave((_, accept) => ({ status: 200, body: accept() }))
  await vi.waitFor(() => expect(slatesOf(stored('exposure'))).toEqual(expect.arrayContaining(after)), PATIENT)
  // What was tried under the other clock is due when that time comes.
  offset = HOUR_MS + 60_000
  await everythingArrives([...before, ...after], [])
})

test('an ingest one version behind gets what it knows, and the rest once it is up to date', async () => {
  let refusals = 0
  experimentation.behave((_, accept) => {
    const answer = accept(({ kind }) => kind === 'exposure') as { rejected: object[] }
    if (answer.rejected.length > 0) refusals++
    const rejected = answer.rejected.map((one) => ({
      ...one,
      code: 'UNKNOWN_KIND',
      message: 'of a later release',
      retryable: true,
    }))
    return { status: 200, body: { ...answer, rejected } }
  })
  const slates = await serve(5)
  const eventIds = [await record()]
  await vi.waitFor(() => expect(stored('interaction')).toHaveLength(1), PATIENT)
  // Refused more than once by now, and still there.
  await vi.waitFor(() => expect(refusals).toBeGreaterThan(2), PATIENT)
  expect(stored('exposure')).toEqual([])
  expect((await store.outboxState()).size).toBe(5)
  expect(await store.deadLetterCount()).toBe(0)

  experimentation.behave((_, accept) => ({ status: 200, body: accept() }))
  await everythingArrives(slates, eventIds)
})

test('a snapshot that goes stale still assigns everybody, and a newer one replaces it', async () => {
  experimentation.publish({ body: '{}', status: 503 })
  offset = 24 * HOUR_MS
  const asked = experimentation.snapshotAnswers.length
  await vi.waitFor(() => expect(experimentation.snapshotAnswers.length).toBeGreaterThan(asked + 2), PATIENT)
  await everythingArrives(await serve(3), [])
  await publishPopular(app, experimentation, publisher, 8)
  const { body } = await query(SLATE, { userId: 'u1' })
  expect(body.data.recommendations.snapshotVersion).toBe(8)
})
