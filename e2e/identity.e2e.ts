import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SERVICES } from '@bulkhead/dev/environment'
import { generateDevelopmentSecrets } from '@bulkhead/dev/secrets'
import { exportJWK, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, query } from './harness/graphql.ts'
import { runToEnd } from './harness/processes.ts'
import { HOME_SLATE } from './harness/queries.ts'
import { createStack, type Stack, startStack } from './harness/stack.ts'
import { tokenHeader } from './harness/token.ts'

const EXPERIMENTS = '{ experiments { nodes { key createdBy } } }'
const MODELS = '{ modelVersions { nodes { id } } }'

function codes({ errors }: Answer): string[] {
  return errors.map(({ path = [], extensions }) => `${path.join('.')} ${extensions.code}`)
}

const ANONYMOUS: readonly [string, Record<string, unknown>, string[]][] = [
  [HOME_SLATE, { userId: 'u1' }, ['recommendations UNAUTHENTICATED']],
  [EXPERIMENTS, {}, ['experiments UNAUTHORIZED_FIELD_OR_TYPE']],
  [MODELS, {}, ['modelVersions UNAUTHORIZED_FIELD_OR_TYPE']],
]

describe('in development', () => {
  let stack: Stack
  beforeAll(async () => {
    stack = await startStack()
  })
  afterAll(() => stack.stop())

  const ask = (text: string, variables: Record<string, unknown>, headers: Record<string, string>) =>
    query(stack.url('gateway', '/graphql'), text, variables, headers)

  test('a request without a token is the developer, who may do everything', async () => {
    for (const [text, variables] of ANONYMOUS) {
      expect(codes(await stack.query(text, variables))).toEqual([])
    }
  })

  test.each([
    ['x-forwarded-for', '10.0.0.1'],
    ['forwarded', 'for=10.0.0.1'],
    ['via', '1.1 proxy'],
    ['x-real-ip', '10.0.0.1'],
  ])('behind a proxy, known by %s, the same requests are anonymous', async (name, value) => {
    for (const [text, variables, refused] of ANONYMOUS) {
      const answer = await ask(text, variables, { [name]: value })
      expect([answer.status, codes(answer)]).toEqual([200, refused])
      expect(Object.values(answer.data)).toEqual([null])
    }
  })

  test('a listener gets own slates, and neither those of others nor the experiments behind them', async () => {
    const listener = { as: { name: 'u1', scopes: [] } }
    const text = `query ($userId: ID!) { recommendations(userId: $userId) {
      id userId exposures { experimentKey variantKey experiment { name } variant { payload } }
    } }`
    const own = await stack.query(text, { userId: 'u1' }, listener)
    const { id, exposures } = own.data.recommendations
    expect(exposures).toMatchObject([{ experimentKey: expect.any(String), experiment: null, variant: null }])
    expect(codes(own)).toEqual([
      'recommendations.exposures.0.experiment UNAUTHORIZED_FIELD_OR_TYPE',
      'recommendations.exposures.0.variant UNAUTHORIZED_FIELD_OR_TYPE',
    ])

    expect(codes(await stack.query(text, { userId: 'u2' }, listener))).toEqual(['recommendations FORBIDDEN'])
    const slate = 'query ($id: ID!) { slate(id: $id) { userId } }'
    expect((await stack.query(slate, { id }, listener)).data).toEqual({ slate: { userId: 'u1' } })
    expect(codes(await stack.query(slate, { id }, { as: 'u2' }))).toEqual(['slate FORBIDDEN'])
    const user = '{ user(id: "u1") { interactions { nodes { eventId } } assignments { variantKey } } }'
    expect(codes(await stack.query(user, {}, listener))).toEqual([])
    expect(codes(await stack.query(user, {}, { as: 'u2' }))).toEqual(['user FORBIDDEN'])
  })

  test('a backend acts for users, and needs no more than that', async () => {
    const shop = { as: { name: 'shop', scopes: ['users:any'] } }
    expect(codes(await stack.query(HOME_SLATE, { userId: 'u7' }, shop))).toEqual([])
    expect(codes(await stack.query(EXPERIMENTS, {}, shop))).toEqual([
      'experiments UNAUTHORIZED_FIELD_OR_TYPE',
    ])
  })

  test('who creates an experiment is recorded', async () => {
    const create = `mutation ($input: CreateExperimentInput!) {
      createExperiment(input: $input) { experiment { createdBy } errors { code } }
    }`
    const input = {
      key: 'identity-e2e',
      name: 'Identity',
      hypothesis: 'It is known.',
      owner: 'team',
      surfaces: ['elsewhere'],
      variants: [
        { key: 'a', name: 'A', weight: 0.5, isControl: true },
        { key: 'b', name: 'B', weight: 0.5, payload: { diversity: { maxPerCreator: 2 } } },
      ],
    }
    expect((await stack.query(create, { input }, { as: 'bob' })).data.createExperiment).toEqual({
      experiment: { createdBy: 'bob' },
      errors: [],
    })
  })

  test('identity headers of a client do not reach a subgraph', async () => {
    const bob = await tokenHeader('bob', stack.secrets.tokenSecret)
    const smuggled = {
      'x-forwarded-for': '10.0.0.1',
      'x-bulkhead-identity': bob.authorization?.replace('Bearer ', '') ?? '',
      'x-bulkhead-gateway-secret': stack.secrets.gatewaySecret,
    }
    const answer = await ask(HOME_SLATE, { userId: 'bob' }, smuggled)
    expect(codes(answer)).toEqual(['recommendations UNAUTHENTICATED'])
  })

  test.each(['personalization', 'experimentation'] as const)(
    'a direct call to %s with the secret alone is anonymous, and a made-up identity is refused',
    async (name) => {
      const text = name === 'personalization' ? MODELS : EXPERIMENTS
      const secret = { 'x-bulkhead-gateway-secret': stack.secrets.gatewaySecret }
      const url = stack.url(name, '/graphql')
      const anonymous = await query(url, text, {}, secret)
      expect(codes(anonymous)).toEqual([expect.stringContaining('UNAUTHENTICATED')])
      // Not even a token that the gateway would accept.
      const bob = await tokenHeader('bob', stack.secrets.tokenSecret)
      const token = bob.authorization?.replace('Bearer ', '') ?? ''
      for (const identity of [token, 'x', '']) {
        const refused = await query(url, text, {}, { ...secret, 'x-bulkhead-identity': identity })
        expect([refused.status, codes(refused)]).toEqual([401, [' UNAUTHENTICATED']])
      }
      expect((await query(url, text, {}, {}).catch(() => null))?.status ?? 401).toBe(401)
    },
  )

  test.each(['Bearer x', 'Bearer ', 'Basic dXNlcjpwYXNz', 'bob'])(
    'the header "authorization: %s" is a 401, not the developer',
    async (authorization) => {
      const answer = await ask(EXPERIMENTS, {}, { authorization })
      expect([answer.status, codes(answer)]).toEqual([401, [' UNAUTHENTICATED']])
      expect(answer.text).not.toMatch(/node_modules|127\.0\.0\.1|at \w+ \(/)
    },
  )
})

describe('in production', () => {
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const nextKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const issuer = 'https://issuer.example/'
  let keys: unknown[] = []
  let provider: Server
  let stack: Stack

  async function publicKey({ publicKey: own }: { readonly publicKey: KeyObject }, kid: string) {
    return { ...(await exportJWK(own)), kid, alg: 'RS256', use: 'sig' }
  }

  beforeAll(async () => {
    keys = [await publicKey(key, 'k1')]
    provider = createServer((_, response) => response.end(JSON.stringify({ keys })))
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
    const { port } = provider.address() as AddressInfo
    const development = Object.entries(generateDevelopmentSecrets())
    const secrets = Object.fromEntries(
      development.map(([name, secret]) => [name, secret.replace(/^dev-/, 'test-')]),
    ) as ReturnType<typeof generateDevelopmentSecrets>
    stack = await createStack({
      secrets,
      demo: false,
      env: {
        gateway: {
          NODE_ENV: 'production',
          JWKS_URL: `http://127.0.0.1:${port}/keys`,
          JWT_ISSUER: issuer,
          JWT_AUDIENCE: 'bulkhead',
          JWT_SCOPES_CLAIM: 'permissions',
          JWKS_REFRESH_MS: '1000',
        },
        personalization: { NODE_ENV: 'production' },
        experimentation: { NODE_ENV: 'production' },
      },
      developer: false,
    })
    // In production a service does not migrate at its start.
    await runToEnd('experimentation', ['migrate'], {
      NODE_ENV: 'production',
      DATASTORE_URL: stack.datastores.experimentation,
    })
    await Promise.all(SERVICES.map((name) => stack.start(name)))
  })
  afterAll(async () => {
    await stack?.stop()
    await new Promise((resolve) => provider.close(resolve))
  })

  function token(claims: Record<string, unknown> = {}, signedBy = key, kid = 'k1'): Promise<string> {
    return new SignJWT({ permissions: ['experiments:read'], ...claims })
      .setProtectedHeader({ alg: 'RS256', kid })
      .setIssuer(issuer)
      .setAudience('bulkhead')
      .setSubject('u1')
      .setExpirationTime('5m')
      .sign(signedBy.privateKey)
  }

  async function askAs(bearer: string | null, text: string, variables: Record<string, unknown> = {}) {
    const headers: Record<string, string> = bearer === null ? {} : { authorization: `Bearer ${bearer}` }
    return query(stack.url('gateway', '/graphql'), text, variables, headers)
  }

  test('requests without a token are anonymous', async () => {
    for (const [text, variables, refused] of ANONYMOUS) {
      expect(codes(await askAs(null, text, variables))).toEqual(refused)
    }
  })

  test("a token of the provider is its user's, in both subgraphs", async () => {
    expect(codes(await askAs(await token(), HOME_SLATE, { userId: 'u1' }))).toEqual([])
    expect(codes(await askAs(await token(), HOME_SLATE, { userId: 'u2' }))).toEqual([
      'recommendations FORBIDDEN',
    ])
    expect(codes(await askAs(await token(), EXPERIMENTS))).toEqual([])
    expect(codes(await askAs(await token({ permissions: [] }), EXPERIMENTS))).toEqual([
      'experiments UNAUTHORIZED_FIELD_OR_TYPE',
    ])
  })

  test('tokens of development, of others and of unknown keys are a 401', async () => {
    const { authorization = '' } = await tokenHeader('u1', stack.secrets.tokenSecret)
    const refused = [
      authorization.replace('Bearer ', ''),
      await token({}, nextKey),
      await token({}, key, 'k2'),
    ]
    for (const bearer of refused) {
      const answer = await askAs(bearer, EXPERIMENTS)
      expect([answer.status, codes(answer)]).toEqual([401, [' UNAUTHENTICATED']])
    }
  })

  test('after a rotation of the keys, tokens of the new one are accepted', async () => {
    keys = [await publicKey(key, 'k1'), await publicKey(nextKey, 'k2')]
    const rotated = await token({}, nextKey, 'k2')
    await expect.poll(async () => (await askAs(rotated, EXPERIMENTS)).status, { timeout: 10_000 }).toBe(200)
    expect((await askAs(await token(), EXPERIMENTS)).status).toBe(200)
  })
})
