import { INTERACTION_TYPES, MODEL_STAGES, RUNGS } from '@bulkhead/contracts'
import { toServiceError } from '@bulkhead/service/errors'
import type { Identity } from '@bulkhead/service/identity/identity'
import { testIdentity } from '@bulkhead/service/testing/test-identity'
import { graphql, isEnumType } from 'graphql'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import type { Item } from '../domain/item.ts'
import type { RecommendationRequest } from '../domain/pipeline/query.ts'
import { compareLists } from '../domain/shadow/comparison.ts'
import { createShadowCounter } from '../domain/shadow/shadow-counts.ts'
import { REASON_KINDS } from '../domain/slate.ts'
import { createCatalogueReader } from '../services/catalogue-reader.ts'
import { createModelPathService } from '../services/model-path-service.ts'
import { createReader } from '../services/reader.ts'
import { createServingIndex, type LiveServingIndex } from '../state/serving-index.ts'
import { sampleItem } from '../testing/samples/catalogue.ts'
import { sampleEvaluation } from '../testing/samples/evaluations.ts'
import { sampleSnapshot } from '../testing/samples/experiments.ts'
import { sampleInteraction, sampleUuid } from '../testing/samples/interactions.ts'
import { SAMPLE_ARTEFACT, SAMPLE_ARTEFACT_HASH, sampleModelVersion } from '../testing/samples/models.ts'
import { sampleSlate, sampleSlateItems } from '../testing/samples/slates.ts'
import { NOON } from '../testing/samples/time.ts'
import { createContext, type GraphqlServices } from './context.ts'
import { loadSchema } from './schema.ts'

const schema = await loadSchema()

class DatastoreUnavailableError extends Error {
  override readonly name = 'DatastoreUnavailableError'
}

let store: PersonalizationStore
/** Names of the datastore's methods, one for each round trip. */
let calls: string[]
let lost: boolean
let memory: Item[]
let index: LiveServingIndex
let requests: RecommendationRequest[]
let erased: string[]

beforeEach(async () => {
  store = await openPersonalizationStore('sqlite::memory:')
  calls = []
  lost = false
  memory = []
  index = createServingIndex()
  index.markRead()
  requests = []
  erased = []
})

afterEach(() => store.close())

async function addItems(items: readonly Item[]): Promise<void> {
  await store.upsertItems(items)
  index.putItems(items)
}

/** The datastore as the reader sees it: every call is a round trip, and fails while `lost`. */
const observedStore = new Proxy({} as PersonalizationStore, {
  get:
    (_, method: keyof PersonalizationStore) =>
    async (...args: never[]) => {
      calls.push(method)
      if (lost) throw new DatastoreUnavailableError('gone')
      return (store[method] as (...given: never[]) => unknown)(...args)
    },
})

function services(overrides: Partial<GraphqlServices> = {}): GraphqlServices {
  return {
    recommendations: {
      async recommend(request) {
        requests.push(request)
        return sampleSlate('s1', { items: sampleSlateItems('i1', 'i2'), modelVersionId: 'item-to-item-v1' })
      },
      similarItems: async () => null,
    },
    interactions: { recordInteractions: async () => ({ accepted: 0, refusals: [] }) },
    modelPath: createModelPathService({
      store,
      snapshots: { current: () => sampleSnapshot() },
      publicKeys: new Map(),
      clock: { now: () => NOON },
    }),
    reader: createReader({
      store: observedStore,
      catalogue: createCatalogueReader({ store: observedStore, index }),
      index: { itemById: (id) => memory.find((one) => one.id === id) },
      models: {
        inMemory: (id) => (id === 'item-to-item-v1' ? { version: sampleModelVersion(id) } : null),
      },
      deadlineMs: 60_000,
    }),
    erasures: {
      async erase(userId, by) {
        erased.push(`${userId} by ${by}`)
        return userId === ''
          ? { type: 'refused', code: 'INVALID_IDENTIFIER' }
          : { type: 'erased', id: 'erasure-1', interactions: 3, slates: 2 }
      },
    },
    qaOverrides: { read: () => [] },
    ...overrides,
  }
}

async function run(
  source: string,
  variableValues: Record<string, unknown> = {},
  given = services(),
  identity: Identity | null = testIdentity(),
) {
  const contextValue = createContext(given, identity)
  const result = await graphql({ schema, source, variableValues, contextValue })
  // Objects of graphql-js have no prototype.
  return { data: structuredClone(result.data) as never, errors: result.errors ?? [] }
}

function codeOf(result: Awaited<ReturnType<typeof run>>) {
  return result.errors.map((error) => toServiceError(error.originalError)?.code)
}

test('a batch of entities costs one datastore round trip per type', async () => {
  await addItems([sampleItem('i1'), sampleItem('i2'), sampleItem('i3')])
  await store.saveSlate(sampleSlate('s1', { items: sampleSlateItems('i1', 'i2') }), [])
  await store.saveSlate(sampleSlate('s2', { items: sampleSlateItems('i2', 'i3') }), [])
  await store.saveModelVersion(sampleModelVersion('item-to-item-v1'), new Uint8Array([1]))
  const result = await run(
    `query ($representations: [_Any!]!) {
      _entities(representations: $representations) {
        __typename
        ... on Item { title }
        ... on RecommendationSlate { items { nodes { id title } edges { rank node { id } } } }
        ... on ModelVersion { version }
        ... on User { id }
      }
    }`,
    {
      representations: [
        { __typename: 'RecommendationSlate', id: 's1' },
        { __typename: 'RecommendationSlate', id: 's2', exposureContext: 'any' },
        { __typename: 'RecommendationSlate', id: 'never-served' },
        { __typename: 'Item', id: 'i3' },
        { __typename: 'Item', id: 'unknown' },
        { __typename: 'ModelVersion', id: 'item-to-item-v1' },
        { __typename: 'ModelVersion', id: 'item-to-item-v9' },
        { __typename: 'User', id: 'anyone' },
        { __typename: 'Item', id: 42 },
      ],
    },
  )
  expect(result.errors).toEqual([])
  expect(result.data).toMatchObject({
    _entities: [
      { items: { nodes: [{ id: 'i1' }, { id: 'i2' }], edges: [{ rank: 1 }, { rank: 2 }] } },
      { items: { nodes: [{ id: 'i2' }, { id: 'i3' }] } },
      null,
      { title: 'Title of i3' },
      null,
      { version: 1 },
      null,
      { id: 'anyone' },
      null,
    ],
  })
  // Items twice: the referenced ones, then those of the slates once these are known.
  expect(calls.toSorted()).toEqual(['itemsByIds', 'itemsByIds', 'modelVersionsByIds', 'slatesByIds'])
})

test('the arguments of a recommendation reach the service checked, with their defaults', async () => {
  await run(`{ recommendations(userId: "u1") { id } }`)
  await run(
    `{ recommendations(userId: "u1", surface: "radio", size: 500, exclude: ["a"], attributes: { country: "NL" }) { id } }`,
  )
  expect(requests).toEqual([
    { userId: 'u1', surface: 'home', size: 20, exclude: [], attributes: null, overrides: [] },
    {
      userId: 'u1',
      surface: 'radio',
      size: 500,
      exclude: ['a'],
      attributes: { country: 'NL' },
      overrides: [],
    },
  ])
})

test('QA overrides are read for the user who asks, and reach the service', async () => {
  const overrides = [{ experimentKey: 'mix', variantKey: 'treatment', unit: 'u1' }]
  const read = vi.fn(() => overrides)
  await run(
    `{ recommendations(userId: "u1", qaOverrides: ["token"]) { id } }`,
    {},
    services({ qaOverrides: { read } }),
  )
  expect(read).toHaveBeenCalledWith(['token'], 'u1')
  expect(requests).toMatchObject([{ overrides }])
})

test.each([
  ['size 0', { size: 0 }, '`size` must be 1 to 500.'],
  ['size 1,000,000', { size: 1_000_000 }, '`size` must be 1 to 500.'],
  ['a surface that is no key', { surface: 'home page' }, '`surface`'],
  ['an empty user id', { userId: '' }, '`userId`'],
  ['more than 1,000 exclusions', { exclude: Array(1_001).fill('x') }, '`exclude` must be at most 1000 ids.'],
  ['an exclusion that is no id', { exclude: ['a', ''] }, '`exclude.1`'],
  ['attributes that are no object', { attributes: ['NL'] }, '`attributes`'],
  ['more than 4 KiB of attributes', { attributes: { text: 'x'.repeat(4_096) } }, '4096 bytes'],
])('a recommendation with %s is refused before anything is served', async (_, overrides, message) => {
  const result = await run(
    `query ($userId: ID!, $surface: String!, $size: Int!, $exclude: [ID!]!, $attributes: JSON) {
      recommendations(userId: $userId, surface: $surface, size: $size, exclude: $exclude, attributes: $attributes) { id }
    }`,
    { userId: 'u1', surface: 'home', size: 20, exclude: [], attributes: null, ...overrides },
  )
  expect(codeOf(result)).toEqual(['BAD_USER_INPUT'])
  expect(result.errors[0]?.message).toContain(message)
  expect(result.data).toEqual({ recommendations: null })
  expect(requests).toEqual([])
})

test('a new slate renders from memory, without a round trip and with the datastore lost', async () => {
  memory = [sampleItem('i1'), sampleItem('i2')]
  lost = true
  const result = await run(`{
    recommendations(userId: "u1") {
      id surface createdAt snapshotVersion exposureContext
      servedBy { rung cause modelShare sources { name outcome candidates items } }
      policy { id seed candidatesHash candidateWidth } user { id } modelVersion { id version }
      items {
        totalCount
        nodes { id title }
        edges { itemId rank score source propensity reason { kind text item { id } } node { available } }
      }
    }
  }`)
  expect(result.errors).toEqual([])
  expect(result.data).toMatchObject({
    recommendations: {
      createdAt: '2026-01-15T12:00:00.000Z',
      servedBy: {
        rung: 'POPULAR',
        cause: 'COLD_START',
        modelShare: 0.5,
        sources: [
          { name: 'model', outcome: 'UNAVAILABLE', candidates: 0, items: 0 },
          { name: 'popular', outcome: 'ANSWERED', candidates: 200, items: 2 },
        ],
      },
      policy: { candidateWidth: 200 },
      user: { id: 'u1' },
      modelVersion: { id: 'item-to-item-v1', version: 1 },
      items: {
        totalCount: 2,
        nodes: [
          { id: 'i1', title: 'Title of i1' },
          { id: 'i2', title: 'Title of i2' },
        ],
        edges: [
          { itemId: 'i1', rank: 1, score: 1, source: 'popular', propensity: 1 },
          { itemId: 'i2', rank: 2, reason: { kind: 'POPULAR', item: null }, node: { available: true } },
        ],
      },
    },
  })
  expect(calls).toEqual([])
})

test('what only the datastore knows is a typed error while it is lost', async () => {
  lost = true
  for (const source of [
    '{ slate(id: "s1") { id } }',
    '{ item(id: "i1") { id } }',
    '{ items { totalCount } }',
    '{ modelVersion(id: "item-to-item-v9") { id } }',
    '{ modelVersions { totalCount } }',
  ]) {
    const result = await run(source)
    expect(codeOf(result)).toEqual(['DATASTORE_UNAVAILABLE'])
    expect(Object.values(result.data)).toEqual([null])
  }
})

test('an item that has left the catalogue is a null node, not a lost slate', async () => {
  await addItems([sampleItem('i2')])
  await store.saveSlate(sampleSlate('s1', { items: sampleSlateItems('i1', 'i2') }), [])
  const result = await run('{ slate(id: "s1") { items { nodes { id } edges { itemId node { id } } } } }')
  expect(result.errors).toEqual([])
  expect(result.data).toEqual({
    slate: {
      items: {
        nodes: [null, { id: 'i2' }],
        edges: [
          { itemId: 'i1', node: null },
          { itemId: 'i2', node: { id: 'i2' } },
        ],
      },
    },
  })
})

test('the pages of a slate are the slate', async () => {
  const ids = Array.from({ length: 7 }, (_, n) => `i${n}`)
  await store.saveSlate(sampleSlate('s1', { items: sampleSlateItems(...ids) }), [])
  const query = `query ($after: String) {
    slate(id: "s1") { items(first: 3, after: $after) { edges { itemId rank } pageInfo { hasNextPage hasPreviousPage endCursor } } }
  }`
  type Page = {
    slate: {
      items: {
        edges: { itemId: string; rank: number }[]
        pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string | null }
      }
    }
  }
  const seen: [number, string][] = []
  let after: string | null = null
  for (let page = 0; page < 3; page++) {
    const { data } = await run(query, { after })
    const { edges, pageInfo } = (data as Page).slate.items
    seen.push(...edges.map(({ itemId, rank }) => [rank, itemId] as [number, string]))
    expect(pageInfo.hasNextPage).toBe(page < 2)
    expect(pageInfo.hasPreviousPage).toBe(page > 0)
    after = pageInfo.endCursor
  }
  expect(seen).toEqual(ids.map((id, at) => [at + 1, id]))
})

test('what models did in shadow is added up over the replicas, in two round trips for all versions', async () => {
  for (const version of [1, 2, 3]) {
    const overrides = { version, stage: 'SHADOW', createdAt: NOON + version } as const
    await store.saveModelVersion(sampleModelVersion(`m-v${version}`, overrides), new Uint8Array([1]))
  }
  const counter = createShadowCounter()
  counter.compared(
    compareLists(['a', 'b'], ['a', 'c'], (id) => (id === 'c' ? 4 : 1)),
    2,
    10,
  )
  await store.addShadow('m-v1', { source: 'replica-1', championId: null, counts: counter.counts() })
  await store.addShadow('m-v2', { source: 'replica-1', championId: null, counts: counter.counts() })
  counter.failed('threw', null)
  await store.addShadow('m-v2', { source: 'replica-2', championId: null, counts: counter.counts() })
  const query = `{ modelVersions(filter: { stages: [SHADOW] }) {
    nodes { id shadow { requests overlapAt10 rankBiasedOverlap latencyP99Ms coverage failures popularityShift } }
  } }`
  calls = []
  const result = await run(query)
  expect(calls).toEqual(['findModelVersions', 'productionModelVersion', 'shadowOf'])
  const report = {
    overlapAt10: 0.5,
    rankBiasedOverlap: expect.closeTo(0.55, 5),
    latencyP99Ms: expect.closeTo(2, 0),
    coverage: 0.2,
    popularityShift: 1,
  }
  expect(result).toMatchObject({
    data: {
      modelVersions: {
        nodes: [
          { id: 'm-v3', shadow: null },
          { id: 'm-v2', shadow: { ...report, requests: 3, failures: 1 } },
          { id: 'm-v1', shadow: { ...report, requests: 1, failures: 0 } },
        ],
      },
    },
  })
})

test('items, interactions and model versions are paged by cursors', async () => {
  await addItems([sampleItem('a'), sampleItem('b'), sampleItem('c')])
  await store.importInteractions(
    [1, 2, 3].map((n) => sampleInteraction(sampleUuid(n), { itemId: 'a', occurredAt: NOON + n })),
  )
  for (const version of [1, 2, 3]) {
    const overrides = { version, stage: 'RETIRED', createdAt: NOON + version } as const
    await store.saveModelVersion(
      sampleModelVersion(`item-to-item-v${version}`, overrides),
      new Uint8Array([1]),
    )
  }
  const query = `query ($items: String, $interactions: String, $versions: String) {
    items(first: 2, after: $items) { totalCount nodes { id } pageInfo { endCursor hasNextPage } }
    user(id: "u1") { interactions(first: 2, after: $interactions) { nodes { eventId item { id } } pageInfo { endCursor hasNextPage } } }
    modelVersions(first: 2, after: $versions, filter: { stages: [RETIRED] }) { totalCount nodes { version } pageInfo { endCursor hasNextPage } }
  }`
  type List = { nodes: object[]; pageInfo: { endCursor: string; hasNextPage: boolean } }
  type Pages = { items: List; user: { interactions: List }; modelVersions: List }
  const first = (await run(query)).data as Pages
  expect(first).toMatchObject({
    items: { totalCount: 3, nodes: [{ id: 'a' }, { id: 'b' }], pageInfo: { hasNextPage: true } },
    user: {
      interactions: { nodes: [{ eventId: sampleUuid(3), item: { id: 'a' } }, { eventId: sampleUuid(2) }] },
    },
    modelVersions: { totalCount: 3, nodes: [{ version: 3 }, { version: 2 }] },
  })
  const second = await run(query, {
    items: first.items.pageInfo.endCursor,
    interactions: first.user.interactions.pageInfo.endCursor,
    versions: first.modelVersions.pageInfo.endCursor,
  })
  expect(second.data).toMatchObject({
    items: { nodes: [{ id: 'c' }], pageInfo: { hasNextPage: false } },
    user: { interactions: { nodes: [{ eventId: sampleUuid(1) }], pageInfo: { hasNextPage: false } } },
    modelVersions: { nodes: [{ version: 1 }], pageInfo: { hasNextPage: false } },
  })
})

test('what matches is counted only where `totalCount` is selected, and once however often it is', async () => {
  await addItems([sampleItem('a'), sampleItem('b', { available: false })])
  await store.saveModelVersion(sampleModelVersion('item-to-item-v1'), new Uint8Array([1]))
  await run('{ items { nodes { id } } modelVersions { edges { cursor } } }')
  expect(calls.toSorted()).toEqual(['findItems', 'findModelVersions'])
  calls = []
  const { data } = await run(`{
    items(filter: { available: true }) { totalCount again: totalCount }
    modelVersions(filter: { model: "none" }) { totalCount again: totalCount }
  }`)
  expect(data).toEqual({
    items: { totalCount: 1, again: 1 },
    modelVersions: { totalCount: 0, again: 0 },
  })
  expect(calls.toSorted()).toEqual(['countModelVersions', 'findModelVersions'])
})

test.each([
  '{ items(first: -1) { totalCount } }',
  '{ items(first: 101) { totalCount } }',
  '{ items(after: "not a cursor") { totalCount } }',
  '{ items(filter: { titleContains: "LONG" }) { totalCount } }',
  '{ modelVersions(first: -1) { totalCount } }',
  '{ modelVersions(after: "bm90IGEgY3Vyc29y") { totalCount } }',
  '{ item(id: "") { id } }',
  '{ user(id: "") { id } }',
  '{ user(id: "u1") { interactions(first: 1000) { nodes { eventId } } } }',
])('%s is refused as bad input', async (source) => {
  const result = await run(source.replace('LONG', 'x'.repeat(257)))
  expect(codeOf(result)).toEqual(['BAD_USER_INPUT'])
})

test('a cursor of one list is not taken by another', async () => {
  await addItems([sampleItem('a')])
  const { data } = await run('{ items { pageInfo { endCursor } } }')
  const cursor = (data as { items: { pageInfo: { endCursor: string } } }).items.pageInfo.endCursor
  const result = await run(`{ modelVersions(after: "${cursor}") { totalCount } }`)
  expect(codeOf(result)).toEqual(['BAD_USER_INPUT'])
})

test('filters reach the datastore, and those that are null filter nothing', async () => {
  await addItems([
    sampleItem('a', { categories: ['jazz'], creator: 'Nina' }),
    sampleItem('b', { categories: ['rock'], available: false }),
  ])
  const ids = async (filter: object) =>
    (
      (await run('query ($filter: ItemFilter) { items(filter: $filter) { nodes { id } } }', { filter }))
        .data as {
        items: { nodes: { id: string }[] }
      }
    ).items.nodes.map(({ id }) => id)
  expect(await ids({ categories: ['jazz', 'folk'] })).toEqual(['a'])
  expect(await ids({ available: false })).toEqual(['b'])
  expect(await ids({ creator: null, categories: null, ids: null, available: null })).toEqual(['a', 'b'])
  expect(await ids({ titleContains: 'TITLE OF B' })).toEqual(['b'])
})

test('an erasure says what it took out, under the name of who asked; a refusal is data', async () => {
  const source = `mutation ($id: ID!) {
    eraseUser(input: { userId: $id }) { interactions slates errors { code path } }
  }`
  const asker = { subject: 'officer', scopes: new Set(['users:erase']) }
  const done = await run(source, { id: 'u1' }, services(), asker)
  expect(done.data).toEqual({ eraseUser: { interactions: 3, slates: 2, errors: [] } })
  const refused = await run(source, { id: '' }, services(), asker)
  expect(refused.data).toEqual({
    eraseUser: { interactions: 0, slates: 0, errors: [{ code: 'INVALID_IDENTIFIER', path: ['userId'] }] },
  })
  expect(erased).toEqual(['u1 by officer', ' by officer'])
  const denied = await run(source, { id: 'u1' }, services(), {
    subject: 'u1',
    scopes: new Set(['users:any']),
  })
  expect([denied.data, codeOf(denied)]).toEqual([{ eraseUser: null }, ['FORBIDDEN']])
  expect(erased).toHaveLength(2)
})

test('an artefact that is stored is registered as another version, by who may write models', async () => {
  const artefactHash = SAMPLE_ARTEFACT_HASH
  await store.saveModelVersion(sampleModelVersion('m-v1', { artefactHash }), SAMPLE_ARTEFACT)
  const register = `mutation ($input: RegisterModelInput!) {
    registerModel(input: $input) { modelVersion { id stage owner } errors { code path } }
  }`
  const asked = async (changes: Record<string, string>, scopes = ['models:read', 'models:write']) =>
    run(register, { input: { model: 'other', artefactHash, owner: 'eve', ...changes } }, services(), {
      subject: 'officer',
      scopes: new Set(scopes),
    })
  expect((await asked({})).data).toEqual({
    registerModel: { modelVersion: { id: 'other-v1', stage: 'REGISTERED', owner: 'eve' }, errors: [] },
  })
  expect((await asked({ artefactHash: 'b'.repeat(64) })).data).toEqual({
    registerModel: { modelVersion: null, errors: [{ code: 'UNKNOWN_ARTEFACT', path: ['artefactHash'] }] },
  })
  const damaged = sampleModelVersion('m-v2', { artefactHash: 'c'.repeat(64) })
  await store.saveModelVersion(damaged, SAMPLE_ARTEFACT)
  expect((await asked({ artefactHash: damaged.artefactHash })).data).toMatchObject({
    registerModel: { modelVersion: null, errors: [{ code: 'DAMAGED_ARTEFACT', path: ['artefactHash'] }] },
  })
  for (const changes of [{ model: 'a b' }, { artefactHash: 'x' }, { owner: '' }]) {
    expect(codeOf(await asked(changes))).toEqual(['BAD_USER_INPUT'])
  }
  expect(codeOf(await asked({}, ['models:read']))).toEqual(['FORBIDDEN'])
})

test('a model takes a step where it has shown what it needs, and hears what is missing otherwise', async () => {
  const asker = { subject: 'officer', scopes: new Set(['models:read', 'models:write']) }
  const version = sampleModelVersion('m-v1')
  await store.saveModelVersion(version, new Uint8Array([1]))
  const promote = `mutation ($id: ID!, $to: ModelStage!) {
    promoteModel(input: { id: $id, to: $to, reason: "it is good" }) {
      modelVersion {
        stage
        evaluation { hash champion { id } seed fingerprint metrics { name value lower upper championDelta } }
        stageHistory { to by reason evidence { kind hash } }
      }
      errors { code message path }
    }
  }`
  const step = async (to: string, id = 'm-v1') => {
    const { data, errors } = await run(promote, { id, to }, services(), asker)
    expect(errors).toEqual([])
    return (data as { readonly promoteModel: unknown }).promoteModel
  }
  expect(await step('EVALUATED')).toEqual({
    modelVersion: null,
    errors: [
      {
        code: 'GATE_NOT_PASSED',
        message: expect.stringContaining('Of m-v1: it was not evaluated against what is popular.'),
        path: ['to'],
      },
    ],
  })
  expect(await step('PRODUCTION')).toMatchObject({
    errors: [{ code: 'ILLEGAL_STEP', message: expect.stringContaining('steps to EVALUATED, RETIRED') }],
  })
  expect(await step('EVALUATED', 'm-v9')).toMatchObject({ errors: [{ code: 'UNKNOWN_MODEL_VERSION' }] })
  const evaluation = sampleEvaluation()
  await store.addModelEvaluation('m-v1', evaluation)
  expect(await step('EVALUATED')).toMatchObject({
    modelVersion: {
      stage: 'EVALUATED',
      evaluation: {
        ...{ hash: evaluation.hash, champion: null, seed: '7', fingerprint: 'all' },
        metrics: [{ name: 'ndcg@10', value: 0.23, lower: 0.22, championDelta: null }],
      },
      stageHistory: [
        { to: 'REGISTERED', evidence: null },
        {
          ...{ to: 'EVALUATED', by: 'officer', reason: 'it is good' },
          evidence: { kind: 'EVALUATION', hash: evaluation.hash },
        },
      ],
    },
    errors: [],
  })
  const rollback =
    'mutation { rollbackModel(input: { expectedCurrent: "m-v1", reason: "x" }) { errors { code } } }'
  expect((await run(rollback, {}, services(), asker)).data).toEqual({
    rollbackModel: { errors: [{ code: 'NOT_IN_PRODUCTION' }] },
  })
  const reader = { subject: 'reader', scopes: new Set(['models:read']) }
  expect(codeOf(await run(rollback, {}, services(), reader))).toEqual(['FORBIDDEN'])
  expect(codeOf(await run(promote, { id: 'm-v1', to: 'SHADOW' }, services(), reader))).toEqual(['FORBIDDEN'])
})

test('refusals of interactions are data, with the path of what to correct', async () => {
  const given = services({
    interactions: {
      recordInteractions: async () => ({
        accepted: 1,
        refusals: [
          { code: 'UNKNOWN_ITEM', index: 3, field: 'itemId' },
          { code: 'OUTBOX_FULL', index: 4, field: null },
          { code: 'INVALID_BATCH_SIZE', index: null, field: null },
        ],
      }),
    },
  })
  const result = await run(
    `mutation { recordInteractions(input: { interactions: [] }) { accepted errors { code message path } } }`,
    {},
    given,
  )
  expect(result.data).toEqual({
    recordInteractions: {
      accepted: 1,
      errors: [
        { code: 'UNKNOWN_ITEM', message: expect.any(String), path: ['interactions', '3', 'itemId'] },
        { code: 'OUTBOX_FULL', message: expect.any(String), path: ['interactions', '4'] },
        { code: 'INVALID_BATCH_SIZE', message: expect.any(String), path: ['interactions'] },
      ],
    },
  })
})

// The types cannot tell: fields of a mapped parent are resolved by default, without a resolver that is checked.
test.each([
  ['InteractionType', INTERACTION_TYPES],
  ['ModelStage', MODEL_STAGES],
  ['ReasonKind', REASON_KINDS],
  ['Rung', RUNGS],
])('%s has in schema.graphql the values that it has in the code', (name, values) => {
  const type = schema.getType(name)
  expect(isEnumType(type) && type.getValues().map((value) => value.name)).toEqual(values)
})

test('similar items are asked for with checked arguments, and rendered from memory', async () => {
  const similarItems = vi.fn(async () => [{ item: sampleItem('i2'), score: 0.5 }])
  const { recommendations } = services()
  const given = services({ recommendations: { ...recommendations, similarItems } })
  const ask = (args: string) => run(`{ similarItems(${args}) { score item { id title } } }`, {}, given)
  expect(await ask('itemId: "i1"')).toEqual({
    data: { similarItems: [{ score: 0.5, item: { id: 'i2', title: 'Title of i2' } }] },
    errors: [],
  })
  await ask('itemId: "i1", userId: "u1", first: 100, attributes: { market: "NL" }')
  expect(similarItems.mock.calls).toEqual([
    [{ itemId: 'i1', userId: null, first: 10, attributes: null }],
    [{ itemId: 'i1', userId: 'u1', first: 100, attributes: { market: 'NL' } }],
  ])
  expect(calls).toEqual([])
  for (const args of [
    'itemId: "i1", first: 0',
    'itemId: "i1", first: 101',
    'itemId: ""',
    'itemId: "i1", userId: ""',
  ]) {
    expect(codeOf(await ask(args))).toEqual(['BAD_USER_INPUT'])
  }
  expect(similarItems).toHaveBeenCalledTimes(2)
})

test('an item that is similar to nothing known is null, without an error', async () => {
  expect(await run('{ similarItems(itemId: "unknown") { score } }')).toEqual({
    data: { similarItems: null },
    errors: [],
  })
})

test('hideCreator reaches the service, and what it hid comes back', async () => {
  const recordInteractions = vi.fn(async () => ({ accepted: 1, refusals: [] }))
  const given = services({ interactions: { recordInteractions } })
  const one = (more: string) =>
    `{ eventId: "${sampleUuid(1)}", userId: "u1", itemId: "i1", type: HIDE ${more} }`
  await run(
    `mutation { recordInteractions(input: { interactions: [${one('hideCreator: true')}, ${one('')}, ${one('hideCreator: null')}] }) { accepted } }`,
    {},
    given,
  )
  expect(recordInteractions).toHaveBeenCalledWith(
    [true, false, false].map((hideCreator) => expect.objectContaining({ hideCreator })),
  )
  await store.importInteractions([
    sampleInteraction('e1', { type: 'HIDE', hiddenCreator: 'one' }),
    sampleInteraction('e2', { occurredAt: NOON - 1 }),
  ])
  expect((await run('{ user(id: "u1") { interactions { nodes { hiddenCreator } } } }')).data).toEqual({
    user: { interactions: { nodes: [{ hiddenCreator: 'one' }, { hiddenCreator: null }] } },
  })
})

test('when and where an item is recommended can be read', async () => {
  await store.upsertItems([sampleItem('i1', { availableFrom: NOON, markets: ['NL'] })])
  expect((await run('{ item(id: "i1") { availableFrom availableUntil markets } }')).data).toEqual({
    item: { availableFrom: '2026-01-15T12:00:00.000Z', availableUntil: null, markets: ['NL'] },
  })
})
