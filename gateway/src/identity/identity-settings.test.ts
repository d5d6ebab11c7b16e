import { SCOPES } from '@bulkhead/service/identity/identity'
import { expect, test } from 'vitest'
import { loadConfig, loadStandaloneConfig } from '../config.ts'
import { REQUIRED_SETTINGS } from '../testing/settings.ts'

const PROVIDER = {
  JWKS_URL: 'https://issuer.example/keys',
  JWT_ISSUER: 'https://issuer.example/',
  JWT_AUDIENCE: 'bulkhead',
}
const DEV_TOKEN_SECRET = 'dev-secret-of-at-least-32-characters'
const SUPERGRAPH = { supergraph: 'supergraph.graphql' }

function identityOf(env: Record<string, string>) {
  return loadConfig({ ...REQUIRED_SETTINGS, ...env }).identity
}

test('by default nobody is known: no provider, no development identity or token', () => {
  expect(identityOf({})).toMatchObject({
    provider: null,
    developmentSecret: null,
    developmentIdentity: null,
    signing: { keyId: 'k1' },
  })
})

test('a provider has an issuer and an audience', () => {
  expect(identityOf({ ...PROVIDER, JWT_SCOPES_CLAIM: 'scp' }).provider).toEqual({
    jwksUrl: PROVIDER.JWKS_URL,
    refreshMs: 600_000,
    rules: {
      issuer: PROVIDER.JWT_ISSUER,
      audience: PROVIDER.JWT_AUDIENCE,
      scopesClaim: 'scp',
      clockSkewMs: 30_000,
    },
  })
  const { JWKS_URL, ...withoutKeys } = PROVIDER
  expect(() => identityOf({ JWKS_URL })).toThrow(/JWT_ISSUER: is not set.*JWT_AUDIENCE: is not set/)
  expect(() => identityOf(withoutKeys)).toThrow('JWKS_URL: is not set')
})

test('the development identity has every scope', () => {
  expect(identityOf({ NODE_ENV: 'development', DEV_IDENTITY: 'dev' }).developmentIdentity).toEqual({
    subject: 'dev',
    scopes: new Set(SCOPES),
  })
})

test.each([{}, { NODE_ENV: 'test' }])(
  'the development identity is refused unless NODE_ENV is development, and set: %o',
  (env) => {
    expect(() => identityOf({ ...env, DEV_IDENTITY: 'dev' })).toThrow(
      'DEV_IDENTITY: needs NODE_ENV=development',
    )
  },
)

test.each(['0.0.0.0', '::', '192.168.0.7', 'bulkhead.example'])(
  'the development identity is refused where others can reach the gateway: HOST=%s',
  (HOST) => {
    const env = { NODE_ENV: 'development', DEV_IDENTITY: 'dev', HOST }
    expect(() => identityOf(env)).toThrow('DEV_IDENTITY: needs a loopback HOST')
    expect(() => loadStandaloneConfig(SUPERGRAPH, env)).toThrow('DEV_IDENTITY: needs a loopback HOST')
  },
)

test('production needs a provider, and refuses what is for development', () => {
  const env = { NODE_ENV: 'production' }
  expect(() => identityOf(env)).toThrow('JWKS_URL: is not set')
  expect(identityOf({ ...env, ...PROVIDER }).provider).not.toBeNull()
  expect(() => identityOf({ ...env, ...PROVIDER, DEV_TOKEN_SECRET })).toThrow(
    'DEV_TOKEN_SECRET: is for development',
  )
  expect(() => identityOf({ ...env, ...PROVIDER, DEV_IDENTITY: 'dev' })).toThrow(
    'DEV_IDENTITY: is for development',
  )
  expect(() => identityOf({ ...env, ...PROVIDER, IDENTITY_SIGNING_KEY_ID: 'dev-k1' })).toThrow(
    'IDENTITY_SIGNING_KEY_ID: is a development secret',
  )
})

test('alone, production needs no provider: the graph may be open to all', () => {
  expect(loadStandaloneConfig(SUPERGRAPH, { NODE_ENV: 'production' }).identity).toMatchObject({
    provider: null,
    signing: null,
  })
})

test('a signing key has an id, and can be read', () => {
  const { IDENTITY_SIGNING_KEY, IDENTITY_SIGNING_KEY_ID } = REQUIRED_SETTINGS
  for (const env of [{ IDENTITY_SIGNING_KEY }, { IDENTITY_SIGNING_KEY_ID }]) {
    expect(() => loadStandaloneConfig(SUPERGRAPH, env)).toThrow('only one is set')
  }
  const { signing } = loadStandaloneConfig(SUPERGRAPH, {
    IDENTITY_SIGNING_KEY,
    IDENTITY_SIGNING_KEY_ID,
  }).identity
  expect(signing?.keyId).toBe('k1')
  expect(() => identityOf({ IDENTITY_SIGNING_KEY: 'x' })).toThrow(
    'IDENTITY_SIGNING_KEY: private key: cannot be read as an Ed25519 key',
  )
})

test('a short development secret is refused, without showing it', () => {
  expect(() => identityOf({ DEV_TOKEN_SECRET: 'short' })).toThrow('DEV_TOKEN_SECRET: is too short')
  expect(() => identityOf({ DEV_TOKEN_SECRET: 'short' })).not.toThrow('"short"')
})
