import { afterEach, expect, test } from 'vitest'
import { sampleDraft } from '../testing/samples.ts'
import {
  approveExperiment,
  config,
  errorCodes,
  openTestStore,
  query,
  startTestApp,
  type TestApp,
} from '../testing/test-app.ts'

const apps: TestApp[] = []
afterEach(async () => {
  for (const app of apps.splice(0)) await app.stop()
})

async function start(...options: Parameters<typeof startTestApp>): Promise<TestApp> {
  const app = await startTestApp(...options)
  apps.push(app)
  return app
}

const STEPS = `mutation ($create: CreateExperimentInput!, $start: ExperimentActionInput!) {
  createExperiment(input: $create) { experiment { key status revision unitType coverage plan { method alpha } } errors { code path message } }
  startExperiment(input: $start) { experiment { status revision startedAt } errors { code path message } }
}`

const variants = [
  { key: 'a', name: 'A', weight: 0.5, isControl: true },
  { key: 'b', name: 'B', weight: 0.5, payload: { modelVersionId: 'm2' } },
]

test('an experiment is created and started through mutations, and defaults fill what is left out', async () => {
  const app = await start({ config: { reviewQuorum: 0 } })
  const create = {
    key: 'new',
    name: 'N',
    hypothesis: 'H',
    owner: 'O',
    plan: { noAnalysis: true },
    variants: [variants[0], { ...variants[1], payload: null }],
  }
  const answer = await query(app, STEPS, { create, start: { key: 'new', revision: 1, reason: 'go' } })
  expect(answer.data).toEqual({
    createExperiment: {
      experiment: {
        key: 'new',
        status: 'DRAFT',
        revision: 1,
        unitType: 'userId',
        coverage: 1,
        plan: { method: 'FIXED_HORIZON', alpha: 0.05 },
      },
      errors: [],
    },
    startExperiment: {
      experiment: { status: 'RUNNING', revision: 2, startedAt: '2026-01-05T12:00:00.000Z' },
      errors: [],
    },
  })
})

test('refusals are data, each with a code from the registry and a path in the input', async () => {
  const app = await start()
  const create = { key: 'mix!', name: '', hypothesis: 'H', owner: 'O', variants }
  const answer = await query(app, STEPS, { create, start: { key: 'mix', revision: 1, reason: 'again' } })
  expect(answer.errors).toBeUndefined()
  expect(answer.data.createExperiment.experiment).toBeNull()
  expect(answer.data.createExperiment.errors).toMatchObject([
    { code: 'INVALID_INPUT', path: ['key'] },
    { code: 'INVALID_INPUT', path: ['name'] },
    { code: 'INVALID_INPUT', path: ['variants', '0', 'payload'] },
  ])
  expect(answer.data.startExperiment.errors).toMatchObject([
    { code: 'REVISION_CONFLICT', path: ['revision'] },
  ])

  const twice = await query(app, STEPS, {
    create: { ...create, key: 'mix', name: 'N', variants: [variants[0], { ...variants[1], payload: null }] },
    start: { key: 'mix', revision: 4, reason: 'again' },
  })
  expect(twice.data.createExperiment.errors).toMatchObject([{ code: 'EXPERIMENT_EXISTS' }])
  expect(twice.data.startExperiment.errors).toMatchObject([{ code: 'ILLEGAL_TRANSITION' }])
})

test('a later start on the same parameters is refused with the name of the other experiment', async () => {
  const app = await start()
  await approveExperiment(app, { key: 'late' })
  const { data } = await query(
    app,
    'mutation { startExperiment(input: { key: "late", revision: 3, reason: "r" }) { errors { code message } } }',
  )
  expect(data.startExperiment.errors).toEqual([
    { code: 'PARAMETER_CONFLICT', message: '"mix" also sets sources for the same units.' },
  ])
})

test('pages of experiments meet every one once, in either direction and any order', async () => {
  const app = await start()
  for (let index = 0; index < 7; index++)
    await app.experiments.create(sampleDraft({ key: `e${index}` }), 'ana')
  const document = `query ($after: String, $field: ExperimentOrderField!, $direction: OrderDirection!) {
    experiments(first: 3, after: $after, orderBy: { field: $field, direction: $direction }) {
      totalCount nodes { key } pageInfo { hasNextPage hasPreviousPage endCursor }
    }
  }`
  for (const field of ['CREATED_AT', 'STARTED_AT', 'KEY']) {
    for (const direction of ['ASC', 'DESC']) {
      const keys: string[] = []
      let after: string | null = null
      do {
        const { data } = await query(app, document, { after, field, direction })
        expect(data.experiments.totalCount).toBe(8)
        keys.push(...data.experiments.nodes.map(({ key }: { key: string }) => key))
        after = data.experiments.pageInfo.hasNextPage ? data.experiments.pageInfo.endCursor : null
      } while (after !== null)
      expect([...keys].sort()).toEqual(['e0', 'e1', 'e2', 'e3', 'e4', 'e5', 'e6', 'mix'])
    }
  }
})

test('filters narrow the list', async () => {
  const app = await start()
  await app.experiments.create(sampleDraft({ key: 'other', name: 'Über 100%', owner: 'ben' }), 'ana')
  async function keys(filter: string) {
    const { data } = await query(app, `{ experiments(filter: ${filter}) { nodes { key } } }`)
    return data.experiments.nodes.map(({ key }: { key: string }) => key)
  }
  expect(await keys('{ statuses: [RUNNING] }')).toEqual(['mix'])
  expect(await keys('{ owner: "ben" }')).toEqual(['other'])
  expect(await keys('{ nameContains: "100%" }')).toEqual(['other'])
  expect(await keys('{ keys: ["mix", "none"], owner: null }')).toEqual(['mix'])
  expect(await keys('{ createdAfter: "2026-01-05T12:00:00.000Z" }')).toEqual([])
})

test('impossible pages, cursors and filters get typed errors', async () => {
  const app = await start()
  const { data } = await query(app, '{ experiments { pageInfo { endCursor } } }')
  const cursor = data.experiments.pageInfo.endCursor
  const many = JSON.stringify(Array.from({ length: 101 }, (_, index) => `k${index}`))
  const bad = [
    'first: -1',
    'first: 101',
    'first: 1000000',
    'after: "nonsense"',
    `after: "${cursor}", orderBy: { field: KEY, direction: ASC }`,
    `filter: { keys: ${many} }`,
    `filter: { nameContains: "${'x'.repeat(300)}" }`,
    'filter: { createdAfter: "yesterday" }',
  ]
  for (const args of bad) {
    const answer = await query(app, `{ experiments(${args}) { totalCount } }`)
    expect(errorCodes(answer)?.[0]).toMatch(/^(BAD_USER_INPUT|GRAPHQL_VALIDATION_FAILED)$/)
  }
  const none = await query(
    app,
    '{ experiments(first: 0) { nodes { key } totalCount pageInfo { hasNextPage } } }',
  )
  expect(none.data.experiments).toMatchObject({ nodes: [], totalCount: 1 })
})

test('a variant names the model version that it serves, as a reference for the other subgraph', async () => {
  const app = await start()
  const pinned = [
    { key: 'a', name: 'A', weight: 0.5, isControl: true, payload: { modelVersionId: 'm1' } },
    { key: 'b', name: 'B', weight: 0.5, isControl: false, payload: { modelVersionId: 'm2' } },
  ]
  await app.experiments.create(sampleDraft({ key: 'models', variants: pinned }), 'ana')
  const { data } = await query(app, '{ experiment(key: "models") { variants { modelVersion { id } } } }')
  expect(data.experiment.variants).toEqual([{ modelVersion: { id: 'm1' } }, { modelVersion: { id: 'm2' } }])
})

test('a lost datastore is a retryable error on the fields that need it, and on no others', async () => {
  const inner = await openTestStore()
  const outage = () => Promise.reject(Object.assign(new Error('host'), { name: 'DatastoreUnavailableError' }))
  const app = await start({ store: { ...inner, findExperiments: outage } })
  const answer = await query(app, '{ experiments { totalCount } assignments(unit: "u1") { variantKey } }')
  expect(answer.data.assignments).toHaveLength(1)
  expect(answer.data.experiments).toBeNull()
  expect(answer.errors[0]).toMatchObject({
    path: ['experiments'],
    extensions: { code: 'DATASTORE_UNAVAILABLE', retryable: true },
  })
  expect(JSON.stringify(answer)).not.toContain('host')
})

test('nobody but the gateway is answered, and bad documents are the client’s', async () => {
  const app = await start()
  const send = (secret: string, document: string) =>
    app.http.inject({
      method: 'POST',
      url: '/graphql',
      headers: { 'x-bulkhead-gateway-secret': secret },
      payload: { query: document },
    })
  expect((await send('wrong', '{ __typename }')).statusCode).toBe(401)
  expect((await send(config.eventsWriteTokens[0] ?? '', '{ __typename }')).statusCode).toBe(401)
  const [secret = ''] = config.gatewaySecrets
  expect((await send(secret, '{ nothing }')).statusCode).toBe(400)
  expect((await send(secret, '{')).statusCode).toBe(400)
  expect((await send(secret, '{ __typename }')).statusCode).toBe(200)
})

test('production tells nobody its schema', async () => {
  const app = await start({ config: { production: true } })
  expect(errorCodes(await query(app, '{ __schema { types { name } } }'))).toEqual([
    'GRAPHQL_VALIDATION_FAILED',
  ])
})
