import { encodeExposureContext } from '@bulkhead/contracts'
import { testIdentity } from '@bulkhead/service/testing/test-identity'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NOON, sampleSlateId } from '../testing/samples.ts'
import { config, errorCodes, query, startTestApp, type TestApp } from '../testing/test-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.stop())

const READ = ['experiments:read']
const WRITE = ['experiments:write']

const SLATE = {
  __typename: 'RecommendationSlate',
  id: sampleSlateId(1, 'u1', NOON),
  exposureContext: encodeExposureContext({
    snapshotVersion: 2,
    assignments: [
      { experimentKey: 'mix', experimentVersion: 1, variantKey: 'treatment', unit: 'u1', applied: true },
    ],
  }),
}
function entities(selection: string): string {
  return `query ($representations: [_Any!]!) { _entities(representations: $representations) { ${selection} } }`
}

test.each([
  ['{ experiment(key: "mix") { name } }', { experiment: null }],
  ['{ experiments { nodes { name } } }', { experiments: null }],
  ['{ experiments { totalCount } }', { experiments: null }],
  ['{ assignments(unit: "u1") { variantKey } }', { assignments: null }],
])('reading needs experiments:read: %s', async (document, refused) => {
  const anonymous = await query(app, document, {}, null)
  expect([anonymous.data, errorCodes(anonymous)]).toEqual([refused, ['UNAUTHENTICATED']])
  const writer = await query(app, document, {}, testIdentity('ben', WRITE))
  expect([writer.data, errorCodes(writer)]).toEqual([refused, ['FORBIDDEN']])
  expect(errorCodes(await query(app, document, {}, testIdentity('ben', READ)))).toBeUndefined()
})

test('an experiment that another subgraph points at needs experiments:read, too', async () => {
  const representations = [{ __typename: 'Experiment', key: 'mix' }]
  const document = entities('... on Experiment { name }')
  const refused = await query(app, document, { representations }, testIdentity('ben', []))
  expect([refused.data, errorCodes(refused)]).toEqual([{ _entities: [null] }, ['FORBIDDEN']])
})

const CREATE = `mutation ($input: CreateExperimentInput!) {
  createExperiment(input: $input) { experiment { createdBy } errors { code } }
}`
const DRAFT = {
  key: 'new',
  name: 'New',
  hypothesis: 'It is better.',
  owner: 'team',
  variants: [
    { key: 'a', name: 'A', weight: 0.5, isControl: true },
    { key: 'b', name: 'B', weight: 0.5, payload: { diversity: { maxPerCreator: 2 } } },
  ],
}

test.each(['create', 'start', 'pause', 'resume', 'stop'])('to %s needs experiments:write', async (action) => {
  const step = `mutation { ${action}Experiment(input: { key: "mix", revision: 9, reason: "r" }) { errors { code } } }`
  const [document, variables] = action === 'create' ? [CREATE, { input: DRAFT }] : [step, {}]
  for (const [identity, code] of [
    [null, 'UNAUTHENTICATED'],
    [testIdentity('ben', READ), 'FORBIDDEN'],
  ] as const) {
    expect(errorCodes(await query(app, document, variables, identity))).toEqual([code])
  }
})

test('who created an experiment and who changed it is recorded', async () => {
  const ben = testIdentity('ben', [...READ, ...WRITE])
  const created = await query(app, CREATE, { input: DRAFT }, ben)
  expect(created.data.createExperiment).toEqual({ experiment: { createdBy: 'ben' }, errors: [] })
  const submit =
    'mutation { submitForReview(input: { key: "new", revision: 1, reason: "r" }) { errors { code } } }'
  await query(app, submit, {}, testIdentity('cleo', WRITE))
  const [stored] = await app.store.experimentsByKeys(['new'])
  expect(stored).toMatchObject({ createdBy: 'ben', history: [{ by: 'cleo', to: 'IN_REVIEW' }] })
})

test('exposures and assignments are for their user, and for who acts for users', async () => {
  const representations = [SLATE, { __typename: 'User', id: 'u1' }]
  const document = entities(
    '... on RecommendationSlate { exposures { variantKey experiment { name } } } ... on User { assignments { variantKey } }',
  )
  const ask = (identity: Parameters<typeof query>[3]) => query(app, document, { representations }, identity)
  const nothing = { _entities: [{ exposures: null }, { assignments: null }] }

  const anonymous = await ask(null)
  expect([anonymous.data, errorCodes(anonymous)]).toEqual([nothing, ['UNAUTHENTICATED', 'UNAUTHENTICATED']])
  const other = await ask(testIdentity('u2', READ))
  expect([other.data, errorCodes(other)]).toEqual([nothing, ['FORBIDDEN', 'FORBIDDEN']])
  const own = await ask(testIdentity('u1', []))
  expect(own.data._entities[0].exposures).toEqual([{ variantKey: 'treatment', experiment: null }])
  expect(own.data._entities[1].assignments.length).toBeGreaterThan(0)
  expect(errorCodes(own)).toEqual(['FORBIDDEN'])
  expect(errorCodes(await ask(testIdentity('shop', ['users:any', ...READ])))).toBeUndefined()
})

test('a forged identity is refused with 401, though the secret is right', async () => {
  const answer = await app.http.inject({
    method: 'POST',
    url: '/graphql',
    headers: {
      'x-bulkhead-gateway-secret': config.gatewaySecrets[0] ?? '',
      'x-bulkhead-identity': 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbmEifQ.',
    },
    payload: { query: '{ __typename }' },
  })
  expect(answer.statusCode).toBe(401)
  expect(errorCodes(answer.json())).toEqual(['UNAUTHENTICATED'])
})

test('an identity without the secret is refused', async () => {
  const answer = await app.http.inject({
    method: 'POST',
    url: '/graphql',
    headers: { 'x-bulkhead-identity': 'anything' },
    payload: { query: '{ __typename }' },
  })
  expect(answer.statusCode).toBe(401)
})
