import { hash } from 'node:crypto'
import { testIdentity } from '@bulkhead/service/testing/test-identity'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { App } from './app.ts'
import { openPersonalizationStore } from './datastore/open.ts'
import type { PersonalizationStore } from './datastore/port.ts'
import { encodeItemNeighbours } from './domain/artefact/item-neighbours.ts'
import { type FakeExperimentation, startFakeExperimentation } from './testing/fake-experimentation.ts'
import { sampleItem } from './testing/samples/catalogue.ts'
import { sampleInteraction, sampleUuid } from './testing/samples/interactions.ts'
import { sampleModelVersion } from './testing/samples/models.ts'
import { serveModel } from './testing/serving-model.ts'
import { publishPopular, queryApp, startTestApp } from './testing/test-app.ts'
import { createTestPublisher } from './testing/test-publisher.ts'

class DatastoreUnavailableError extends Error {
  override readonly name = 'DatastoreUnavailableError'
}

const publisher = createTestPublisher()
let experimentation: FakeExperimentation
let store: PersonalizationStore
let lost: boolean
let app: App

beforeEach(async () => {
  lost = false
  experimentation = await startFakeExperimentation()
  store = await openPersonalizationStore('sqlite::memory:')
  await store.upsertItems(Array.from({ length: 50 }, (_, n) => sampleItem(`i${n}`)))
  app = await start()
})

afterEach(async () => {
  await app.stop()
  await store.close()
  await experimentation.close()
})

/** The datastore, until it is lost. */
function losable(): PersonalizationStore {
  return new Proxy(store, {
    get: (target, method: keyof PersonalizationStore) =>
      lost ? () => Promise.reject(new DatastoreUnavailableError('gone')) : target[method],
  })
}

function start(outboxLimit?: number): Promise<App> {
  return startTestApp({
    store: losable(),
    experimentation,
    publisher,
    ...(outboxLimit === undefined ? {} : { outboxLimit }),
  })
}

type Asked = Parameters<typeof queryApp> extends [unknown, ...infer Rest] ? Rest : never

function query(...asked: Asked) {
  return queryApp(app, ...asked)
}

const RECOMMEND = `query ($userId: ID!) {
  recommendations(userId: $userId, size: 10) {
    id exposureContext snapshotVersion servedBy { rung cause } items { nodes { id title } }
  }
}`

function publishExperiment(version: number): Promise<void> {
  return publishPopular(app, experimentation, publisher, version)
}

function storedOfKind(kind: string) {
  return [...experimentation.stored.values()].filter((event) => event.kind === kind)
}

test('graphql is the gateway’s alone; the operational routes are open', async () => {
  expect((await query('{ __typename }', {}, { secret: null })).status).toBe(401)
  expect((await query('{ __typename }', {}, { secret: 'not-the-secret-of-tests' })).body.error.code).toBe(
    'UNAUTHENTICATED',
  )
  expect((await query('{ __typename }')).status).toBe(200)
  for (const url of ['/healthz', '/readyz', '/metrics']) {
    expect((await app.http.inject(url)).statusCode).toBe(200)
  }
})

test('it is ready without a snapshot and without experimentation, and says which snapshot it has', async () => {
  expect((await app.http.inject('/readyz')).json()).toMatchObject({
    ready: true,
    checks: { snapshot: { ok: false, detail: 'snapshotVersion none' }, datastore: { ok: true } },
  })
  const { body } = await query(RECOMMEND, { userId: 'u1' })
  expect(body.errors).toBeUndefined()
  expect(body.data.recommendations.snapshotVersion).toBeNull()
})

test('a served assignment reaches experimentation as one exposure, and as a count of a heartbeat', async () => {
  await publishExperiment(3)
  const { body } = await query(RECOMMEND, { userId: 'u1' })
  const { id, snapshotVersion, items } = body.data.recommendations
  expect(snapshotVersion).toBe(3)
  expect(items.nodes).toHaveLength(10)
  await vi.waitFor(() => {
    expect(storedOfKind('exposure')).toMatchObject([
      { slateId: id, experimentKey: 'home-mix', variantKey: 'popular', unit: 'u1', snapshotVersion: 3 },
    ])
    expect(storedOfKind('heartbeat').at(-1)).toMatchObject({
      served: [{ experimentKey: 'home-mix', variantKey: 'popular', count: 1 }],
    })
  })
})

test('interactions are durable, delivered, and shape the history', async () => {
  const record = (itemId: string) =>
    query(
      `mutation ($interactions: [InteractionInput!]!) {
        recordInteractions(input: { interactions: $interactions }) { accepted errors { code path } }
      }`,
      { interactions: [{ eventId: sampleUuid(1), userId: 'u1', itemId, type: 'PLAY' }] },
    )
  expect((await record('i1')).body.data.recordInteractions).toEqual({ accepted: 1, errors: [] })
  expect((await record('nothing')).body.data.recordInteractions).toEqual({
    accepted: 0,
    errors: [{ code: 'UNKNOWN_ITEM', path: ['interactions', '0', 'itemId'] }],
  })
  await vi.waitFor(() => expect(storedOfKind('interaction')).toMatchObject([{ unit: 'u1', itemId: 'i1' }]))
  const { body } = await query('{ user(id: "u1") { interactions { nodes { itemId type } } } }')
  expect(body.data.user.interactions.nodes).toEqual([{ itemId: 'i1', type: 'PLAY' }])
})

/** The artefact of a model for which these items follow on `i1`. */
function neighboursOf(...itemIds: string[]): Uint8Array {
  return encodeItemNeighbours(
    { algorithm: 'by hand', parameters: {}, trainingFingerprint: 'none' },
    {
      itemIds: ['i1', ...itemIds],
      starts: Uint32Array.from({ length: itemIds.length + 2 }, (_, place) =>
        place === 0 ? 0 : itemIds.length,
      ),
      neighbours: Int32Array.from(itemIds, (_, place) => place + 1),
      similarities: Float32Array.from(itemIds, (_, place) => 1 / (place + 1)),
    },
  )
}

test('a version in shadow is compared with what is served, and the graph has its report', async () => {
  const save = (id: string, stage: 'EXPERIMENT' | 'SHADOW', artefact: Uint8Array) =>
    store.saveModelVersion(
      sampleModelVersion(id, { stage, artefactHash: hash('sha256', artefact, 'hex') }),
      artefact,
    )
  await save('champion-v1', 'EXPERIMENT', neighboursOf('i10', 'i11', 'i12', 'i13'))
  await serveModel(store, { id: 'champion-v1' })
  await save('challenger-v1', 'SHADOW', neighboursOf('i12', 'i13', 'i14', 'i15'))
  await store.importInteractions([sampleInteraction('e1', { userId: 'u1', itemId: 'i1' })])
  const reader = testIdentity('reader', ['models:read', 'users:any'])
  const report = await vi.waitFor(
    async () => {
      await query(RECOMMEND, { userId: 'u1' }, { identity: reader })
      const source = '{ modelVersion(id: "challenger-v1") { shadow { requests failures overlapAt10 } } }'
      const { body } = await query(source, {}, { identity: reader })
      expect(body.data.modelVersion.shadow?.requests).toBeGreaterThan(0)
      return body.data.modelVersion.shadow
    },
    { timeout: 25_000, interval: 100 },
  )
  expect(report).toMatchObject({ failures: 0, overlapAt10: 0.5 })
})

test('with the datastore lost slates are served unassigned and in full, and the rest says what is wrong', async () => {
  await publishExperiment(1)
  lost = true
  for (let n = 0; n < 8; n++) {
    const { body } = await query(RECOMMEND, { userId: `u${n}` })
    expect(body.errors).toBeUndefined()
    expect(body.data.recommendations.snapshotVersion).toBeNull()
    expect(body.data.recommendations.items.nodes).toHaveLength(10)
    expect(body.data.recommendations.items.nodes).not.toContain(null)
  }
  const refused = await query('{ slate(id: "s1") { id } items { totalCount } }')
  expect(refused.body.data).toEqual({ slate: null, items: null })
  for (const { extensions } of refused.body.errors) {
    expect(extensions).toMatchObject({ code: 'DATASTORE_UNAVAILABLE', retryable: true })
  }
  const recorded = await query(
    `mutation { recordInteractions(input: { interactions: [
      { eventId: "${sampleUuid(1)}", userId: "u1", itemId: "i1", type: PLAY }
    ] }) { accepted } }`,
  )
  expect(recorded.body.errors[0].extensions.code).toBe('DATASTORE_UNAVAILABLE')
  const ready = await app.http.inject('/readyz')
  expect(ready.statusCode).toBe(200)
  expect(ready.json().checks.datastore.ok).toBe(false)

  lost = false
  await vi.waitFor(
    async () =>
      expect((await query(RECOMMEND, { userId: 'u1' })).body.data.recommendations.snapshotVersion).toBe(1),
    { timeout: 5_000 },
  )
})

test('with the outbox full slates are served unassigned, interactions are refused, and both recover', async () => {
  await app.stop()
  app = await start(3)
  await publishExperiment(1)
  experimentation.behave(() => ({ status: 503, body: {} }))
  for (let n = 0; n < 3; n++) await query(RECOMMEND, { userId: `u${n}` })

  const unassigned = await query(RECOMMEND, { userId: 'u9' })
  expect(unassigned.body.errors).toBeUndefined()
  expect(unassigned.body.data.recommendations.snapshotVersion).toBeNull()
  const mutation = `mutation { recordInteractions(input: { interactions: [
    { eventId: "${sampleUuid(1)}", userId: "u1", itemId: "i1", type: PLAY }
  ] }) { accepted errors { code path } } }`
  expect((await query(mutation)).body.data.recordInteractions).toEqual({
    accepted: 0,
    errors: [{ code: 'OUTBOX_FULL', path: ['interactions', '0'] }],
  })

  experimentation.behave((_, accept) => ({ status: 200, body: accept() }))
  await vi.waitFor(
    async () => expect((await query(mutation)).body.data.recordInteractions.accepted).toBe(1),
    {
      timeout: 5_000,
    },
  )
  await vi.waitFor(() => expect(storedOfKind('exposure')).toHaveLength(3), { timeout: 5_000 })
})
