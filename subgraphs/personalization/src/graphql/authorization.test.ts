import { toServiceError } from '@bulkhead/service/errors'
import type { Identity } from '@bulkhead/service/identity/identity'
import { testIdentity } from '@bulkhead/service/testing/test-identity'
import { graphql } from 'graphql'
import { expect, test } from 'vitest'
import type { PersonalizationStore } from '../datastore/port.ts'
import { createShadowCounter } from '../domain/shadow/shadow-counts.ts'
import { createCatalogueReader } from '../services/catalogue-reader.ts'
import { createReader } from '../services/reader.ts'
import { createServingIndex } from '../state/serving-index.ts'
import { sampleModelVersion } from '../testing/samples/models.ts'
import { sampleSlate } from '../testing/samples/slates.ts'
import { createContext, type GraphqlServices } from './context.ts'
import { loadSchema } from './schema.ts'

const schema = await loadSchema()

/** Holds one slate, of the user `u1`. */
const store = {
  slatesByIds: async () => [sampleSlate('s1', { userId: 'u1', modelVersionId: 'm' })],
  interactionsOf: async () => [],
  findInteractions: async () => ({ interactions: [], hasMore: false }),
  findModelVersions: async () => ({ modelVersions: [], hasMore: false }),
  modelVersionsByIds: async () => [sampleModelVersion('m')],
  productionModelVersion: async () => null,
  shadowOf: async () => [{ versionId: 'm', championId: null, counts: createShadowCounter().counts() }],
} as unknown as PersonalizationStore

const called: string[] = []
const services: GraphqlServices = {
  recommendations: {
    async recommend({ userId }) {
      called.push(`recommend ${userId}`)
      return sampleSlate('s1', { userId })
    },
    async similarItems({ userId }) {
      called.push(`similar ${userId}`)
      return []
    },
  },
  interactions: {
    async recordInteractions(all) {
      called.push(`record ${all.length}`)
      return { accepted: all.length, refusals: [] }
    },
  },
  erasures: {
    async erase(userId) {
      called.push(`erase ${userId}`)
      return { type: 'erased', id: 'erasure-1', interactions: 0, slates: 0 }
    },
  },
  modelPath: {
    async register({ model }) {
      called.push(`register ${model}`)
      return { type: 'done', version: null }
    },
    async promote({ id }) {
      called.push(`promote ${id}`)
      return { type: 'done', version: null }
    },
    nextSteps: async () => [],
    switchOff: () => expect.fail('no mutation switches models off'),
    async rollback({ expectedCurrent }) {
      called.push(`rollback ${expectedCurrent}`)
      return { type: 'done', version: null }
    },
  },
  reader: createReader({
    store,
    catalogue: createCatalogueReader({ store, index: createServingIndex() }),
    index: { itemById: () => undefined },
    models: { inMemory: () => null },
    deadlineMs: 60_000,
  }),
  qaOverrides: { read: () => [] },
}

async function ask(source: string, identity: Identity | null, variableValues: Record<string, unknown> = {}) {
  called.length = 0
  const contextValue = createContext(services, identity)
  const { data, errors = [] } = await graphql({ schema, source, variableValues, contextValue })
  return { data: structuredClone(data), codes: errors.map(codeOf), called: [...called] }
}

function codeOf({ originalError }: { readonly originalError?: unknown }): string | undefined {
  return toServiceError(originalError)?.code
}

function interaction(user: string): string {
  return `{ eventId: "e-${user}", userId: "${user}", itemId: "i1", type: CLICK }`
}
const ENTITY =
  'query ($of: [_Any!]!) { _entities(representations: $of) { ... on RecommendationSlate { id } ... on User { id } } }'

test.each([
  ['{ recommendations(userId: "u1") { id } }', { recommendations: null }],
  ['{ slate(id: "s1") { id } }', { slate: null }],
  ['{ similarItems(itemId: "i1", userId: "u1") { score } }', { similarItems: null }],
  ['{ user(id: "u1") { id } }', { user: null }],
  ['{ user(id: "u1") { interactions { nodes { eventId } } } }', { user: null }],
  [
    `mutation { recordInteractions(input: { interactions: [${interaction('u1')}] }) { accepted } }`,
    { recordInteractions: null },
  ],
])("a user's data is for the user, and for who acts for users: %s", async (source, refused) => {
  expect(await ask(source, null)).toEqual({ data: refused, codes: ['UNAUTHENTICATED'], called: [] })
  const others = testIdentity('u2', ['models:read', 'experiments:write'])
  expect(await ask(source, others)).toEqual({ data: refused, codes: ['FORBIDDEN'], called: [] })
  for (const identity of [testIdentity('u1', []), testIdentity('shop', ['users:any'])]) {
    const { data, codes } = await ask(source, identity)
    expect(codes).toEqual([])
    expect(Object.values(data ?? {})).not.toContain(null)
  }
})

test('what is similar to an item is for everyone, as long as no user is named', async () => {
  const source = '{ similarItems(itemId: "i1") { score } }'
  expect(await ask(source, null)).toEqual({ data: { similarItems: [] }, codes: [], called: ['similar null'] })
})

test('entities of others are null, and the rest of the batch is unaffected', async () => {
  const of = [
    { __typename: 'RecommendationSlate', id: 's1' },
    { __typename: 'User', id: 'u1' },
    { __typename: 'User', id: 'u2' },
  ]
  expect(await ask(ENTITY, testIdentity('u2', []), { of })).toMatchObject({
    data: { _entities: [null, null, { id: 'u2' }] },
    codes: ['FORBIDDEN', 'FORBIDDEN'],
  })
})

test('interactions of several users are refused as a whole unless all are own', async () => {
  const source = `mutation { recordInteractions(input: { interactions: [${interaction('u1')}, ${interaction('u2')}] }) { accepted } }`
  expect(await ask(source, testIdentity('u1', []))).toMatchObject({ codes: ['FORBIDDEN'], called: [] })
  expect(await ask(source, testIdentity('shop', ['users:any']))).toMatchObject({ called: ['record 2'] })
})

test('model versions need models:read, by id and as a list', async () => {
  for (const source of ['{ modelVersion(id: "m") { id } }', '{ modelVersions { totalCount } }']) {
    expect((await ask(source, null)).codes).toEqual(['UNAUTHENTICATED'])
    expect((await ask(source, testIdentity('u1', ['models:write']))).codes).toEqual(['FORBIDDEN'])
  }
  expect((await ask('{ modelVersion(id: "m") { id } }', testIdentity('u1', ['models:read']))).codes).toEqual(
    [],
  )
})

test('of the model of a slate, and of one that another subgraph points at, only the id is open', async () => {
  const slate = (selection: string) => `{ slate(id: "s1") { modelVersion { ${selection} } } }`
  const entity = (selection: string) =>
    `query ($of: [_Any!]!) { _entities(representations: $of) { ... on ModelVersion { ${selection} } } }`
  const of = [{ __typename: 'ModelVersion', id: 'm' }]
  const user = testIdentity('u1', [])
  expect((await ask(slate('id'), user)).data).toEqual({ slate: { modelVersion: { id: 'm' } } })
  const fields = ['model', 'version', 'algorithm', 'stage', 'owner', 'createdAt', 'artefactHash']
  for (const field of [...fields, 'trainingData { users }', 'stageHistory { by }']) {
    expect(await ask(slate(field), user)).toMatchObject({
      data: { slate: { modelVersion: null } },
      codes: ['FORBIDDEN'],
    })
    expect(await ask(entity(field), user, { of })).toMatchObject({ data: { _entities: [null] } })
    expect((await ask(slate(field), testIdentity('u1', ['models:read']))).codes).toEqual([])
  }
})

test('what a model did in shadow is for models:read, whatever way leads to the model', async () => {
  const source = '{ slate(id: "s1") { modelVersion { id shadow { requests } } } }'
  const modelVersion = (shadow: object | null) => ({ slate: { modelVersion: { id: 'm', shadow } } })
  expect(await ask(source, testIdentity('u1', []))).toMatchObject({
    data: modelVersion(null),
    codes: ['FORBIDDEN'],
  })
  expect(await ask(source, testIdentity('u1', ['models:read']))).toMatchObject({
    data: modelVersion({ requests: 0 }),
    codes: [],
  })
})
