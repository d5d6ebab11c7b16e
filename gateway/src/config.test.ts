import { expect, test } from 'vitest'
import { loadConfig, loadStandaloneConfig } from './config.ts'
import { REQUIRED_SETTINGS } from './testing/settings.ts'

const SECRET = REQUIRED_SETTINGS.GATEWAY_SECRET

test('defaults suit a development machine', () => {
  const config = loadConfig(REQUIRED_SETTINGS)
  expect(config).toMatchObject({ port: 4000, host: '127.0.0.1', deadlines: { entityMs: 150, rootMs: 5_000 } })
})

test('every problem is reported at once', () => {
  expect(() => loadConfig({ PORT: 'http', ENTITY_DEADLINE_MS: '-1' })).toThrow(
    /PORT.*ENTITY_DEADLINE_MS.*GATEWAY_SECRET|PORT.*GATEWAY_SECRET.*ENTITY_DEADLINE_MS/,
  )
})

test('production refuses the launcher’s secret', () => {
  expect(() =>
    loadConfig({ ...REQUIRED_SETTINGS, NODE_ENV: 'production', GATEWAY_SECRET: `dev-${SECRET}` }),
  ).toThrow('GATEWAY_SECRET')
})

test('a misspelt NODE_ENV is refused, so that it cannot let the launcher’s secret pass', () => {
  expect(() => loadConfig({ NODE_ENV: 'Production', GATEWAY_SECRET: `dev-${SECRET}` })).toThrow(
    'NODE_ENV: "Production" is not an environment',
  )
})

const PERSONALIZATION = 'http://127.0.0.1:4001/graphql'
const ELSEWHERE = 'http://10.0.0.1/graphql'

test('in front of our own supergraph the URLs of the settings count, set or not', () => {
  const { ownSubgraphs } = loadConfig({ ...REQUIRED_SETTINGS, EXPERIMENTATION_URL: ELSEWHERE })
  expect(Object.fromEntries(ownSubgraphs)).toEqual({
    personalization: { url: PERSONALIZATION, replaces: 'always' },
    experimentation: { url: ELSEWHERE, replaces: 'always' },
  })
})

const SUPERGRAPH = { supergraph: 'supergraph.graphql' }

test('only a gateway that stands alone can do without a secret', () => {
  expect(() => loadConfig({})).toThrow('GATEWAY_SECRET: is not set')
  expect(loadStandaloneConfig(SUPERGRAPH, {}).gatewaySecret).toBeNull()
  expect(loadStandaloneConfig(SUPERGRAPH, { GATEWAY_SECRET: SECRET }).gatewaySecret).toBe(SECRET)
})

test.each([
  ['short', {}],
  [`${SECRET},${SECRET}`, {}],
  [`dev-${SECRET}`, { NODE_ENV: 'production' }],
])('the secret %s is refused, alone or not', (secret, env) => {
  expect(() => loadConfig({ ...REQUIRED_SETTINGS, GATEWAY_SECRET: secret, ...env })).toThrow('GATEWAY_SECRET')
  expect(() => loadStandaloneConfig(SUPERGRAPH, { GATEWAY_SECRET: secret, ...env })).toThrow('GATEWAY_SECRET')
})

test('alone, a URL that is set replaces that of the supergraph; the default replaces a placeholder only', () => {
  const { ownSubgraphs } = loadStandaloneConfig(SUPERGRAPH, { EXPERIMENTATION_URL: ELSEWHERE })
  expect(Object.fromEntries(ownSubgraphs)).toEqual({
    personalization: { url: PERSONALIZATION, replaces: 'placeholder' },
    experimentation: { url: ELSEWHERE, replaces: 'always' },
  })
})

test('alone, entities have the deadline of root fields, unless they have one of their own', () => {
  expect(loadStandaloneConfig(SUPERGRAPH, {}).deadlines).toMatchObject({ rootMs: 5_000, entityMs: 5_000 })
  expect(loadStandaloneConfig(SUPERGRAPH, { ROOT_DEADLINE_MS: '900' }).deadlines).toMatchObject({
    rootMs: 900,
    entityMs: 900,
  })
  expect(loadStandaloneConfig(SUPERGRAPH, { ENTITY_DEADLINE_MS: '150' }).deadlines).toMatchObject({
    entityMs: 150,
  })
})

test('alone, every problem is reported at once too', () => {
  expect(() => loadStandaloneConfig(SUPERGRAPH, { PORT: 'http', ENTITY_DEADLINE_MS: '-1' })).toThrow(
    /PORT.*ENTITY_DEADLINE_MS/,
  )
})

test('alone, options win over variables, and variables count where an option is left out', () => {
  const env = { SUPERGRAPH_PATH: 'of the environment', PORT: '1', HOST: '127.0.0.2' }
  expect(loadStandaloneConfig({}, env)).toMatchObject({
    supergraphPath: 'of the environment',
    port: 1,
    host: '127.0.0.2',
  })
  const options = { supergraph: 'of the option', port: '4100', host: '0.0.0.0' }
  expect(loadStandaloneConfig(options, env)).toMatchObject({
    supergraphPath: 'of the option',
    port: 4100,
    host: '0.0.0.0',
  })
  expect(loadStandaloneConfig(SUPERGRAPH, {})).toMatchObject({ port: 4000, host: '127.0.0.1' })
})

test('alone, somebody has to say which supergraph', () => {
  expect(() => loadStandaloneConfig({}, {})).toThrow('give --supergraph URL_OR_FILE, or set SUPERGRAPH_PATH')
})

test('examples are for our own graph: alone, the gateway may serve any', () => {
  expect(loadConfig(REQUIRED_SETTINGS).servesOwnGraph).toBe(true)
  expect(loadStandaloneConfig(SUPERGRAPH, {}).servesOwnGraph).toBe(false)
})

test('in production what shows the schema is off, unless it is set', () => {
  const protectionIn = (env: Record<string, string>) => {
    const { introspection, graphiql } = loadStandaloneConfig(SUPERGRAPH, env).protection
    return [introspection, graphiql]
  }
  expect(protectionIn({})).toEqual([true, true])
  expect(protectionIn({ NODE_ENV: 'production' })).toEqual([false, false])
  expect(protectionIn({ NODE_ENV: 'production', INTROSPECTION: 'on', GRAPHIQL: 'on' })).toEqual([true, true])
  expect(protectionIn({ INTROSPECTION: 'off', GRAPHIQL: 'off' })).toEqual([false, false])
})

test.each([
  [{ TRUSTED_PROXIES: 'proxy.example' }, 'TRUSTED_PROXIES'],
  [{ TRUSTED_PROXIES: '10.0.0.0/33' }, 'TRUSTED_PROXIES'],
  [{ TRUSTED_PROXIES: '10.0.0.1,' }, 'TRUSTED_PROXIES'],
  [{ CORS_ORIGINS: '*' }, 'CORS_ORIGINS'],
  [{ CORS_ORIGINS: 'https://app.example/path' }, 'CORS_ORIGINS'],
  [{ CORS_ORIGINS: 'app.example' }, 'CORS_ORIGINS'],
  [{ CORS_ORIGINS: 'null' }, 'CORS_ORIGINS'],
  [{ MAX_DEPTH: '101' }, 'MAX_DEPTH'],
  [{ RATE_LIMIT_PER_SECOND: 'many' }, 'RATE_LIMIT_PER_SECOND'],
  [{ PERSISTED_OPERATIONS_MODE: 'safelist' }, 'PERSISTED_OPERATIONS_MANIFEST'],
  [{ PERSISTED_OPERATIONS_MODE: 'off', PERSISTED_OPERATIONS_MANIFEST: 'x' }, 'PERSISTED_OPERATIONS_MANIFEST'],
])('%j is refused, by name', (env, name) => {
  expect(() => loadStandaloneConfig(SUPERGRAPH, env)).toThrow(name)
})
