import { generateKeyPairSync } from 'node:crypto'
import { encodePublicKey } from '@bulkhead/contracts'
import { expect, test } from 'vitest'
import { loadCliConfig, loadConfig } from './config.ts'

const publicKey = encodePublicKey(generateKeyPairSync('ed25519').publicKey)

const required = {
  GATEWAY_SECRETS: 'a-gateway-secret-of-tests',
  EVENTS_WRITE_TOKEN: 'an-events-token-of-tests',
  SNAPSHOT_READ_TOKEN: 'a-snapshot-token-of-tests',
  SNAPSHOT_PUBLIC_KEYS: `key-1:${publicKey}`,
  IDENTITY_PUBLIC_KEYS: `key-2:${publicKey}`,
}

test('the secrets alone are enough: everything else has a default', () => {
  const config = loadConfig(required)
  expect(config).toMatchObject({
    host: '127.0.0.1',
    port: 4001,
    datastoreUrl: 'sqlite:.data/personalization.db',
    experimentationUrl: 'http://127.0.0.1:4002',
    outboxLimit: 100_000,
    indexMaxItems: 1_000_000,
    retention: { slatesMs: 0, deadLettersMs: 0, artefactsMs: 0, maxDeadLetters: 100_000 },
    interactionMaxAgeMs: 7 * 86_400_000,
    relay: { batchSize: 200, leaseMs: 30_000 },
  })
  expect([...config.snapshotPublicKeys.keys()]).toEqual(['key-1'])
  expect(Object.isFrozen(config)).toBe(true)
})

test('the data folder moves the default datastore, and a datastore URL replaces it', () => {
  expect(loadConfig({ ...required, DATA_DIR: '/data' }).datastoreUrl).toBe('sqlite:/data/personalization.db')
  const url = 'mongodb://127.0.0.1/personalization'
  expect(loadConfig({ ...required, DATASTORE_URL: url }).datastoreUrl).toBe(url)
})

test('every problem is reported at once', () => {
  const broken = {
    PORT: 'http',
    SNAPSHOT_PUBLIC_KEYS: 'key-1:x',
    EVENTS_WRITE_TOKEN: 'short',
    DATASTORE_URL: '',
  }
  const message = messageOf(() => loadConfig(broken))
  for (const name of [...Object.keys(broken), 'GATEWAY_SECRETS', 'SNAPSHOT_READ_TOKEN']) {
    expect(message).toContain(name)
  }
  expect(message).not.toContain('short')
})

test('a lease that a request can outlive is refused', () => {
  const message = messageOf(() =>
    loadConfig({ ...required, RELAY_LEASE_MS: '5000', RELAY_REQUEST_TIMEOUT_MS: '5000' }),
  )
  expect(message).toContain('RELAY_LEASE_MS')
})

test('production refuses what the development launcher generates, key ids included', () => {
  const development = {
    NODE_ENV: 'production',
    GATEWAY_SECRETS: 'dev-gateway-secret-of-tests',
    EVENTS_WRITE_TOKEN: 'dev-events-token-of-tests',
    SNAPSHOT_READ_TOKEN: 'dev-snapshot-token-of-tests',
    SNAPSHOT_PUBLIC_KEYS: `dev-key:${publicKey}`,
    IDENTITY_PUBLIC_KEYS: `dev-key:${publicKey}`,
  }
  const message = messageOf(() => loadConfig(development))
  for (const name of Object.keys(required)) expect(message).toContain(name)
  expect(loadConfig({ ...development, NODE_ENV: 'development' }).production).toBe(false)
  expect(loadConfig({ ...required, NODE_ENV: 'production' }).production).toBe(true)
})

test('a clock of development is refused unless NODE_ENV says development, at the command line too', () => {
  const clock = { DEVELOPMENT_CLOCK_FILE: '/data/clock' }
  for (const load of [(env: object) => loadConfig({ ...required, ...env }), loadCliConfig]) {
    expect(load({ ...clock, NODE_ENV: 'development' }).developmentClockFile).toBe('/data/clock')
    for (const env of [clock, { ...clock, NODE_ENV: 'test' }, { ...clock, NODE_ENV: 'production' }]) {
      expect(messageOf(() => load(env))).toContain('DEVELOPMENT_CLOCK_FILE: needs NODE_ENV=development')
    }
  }
})

test('the command line needs no secret', () => {
  expect(loadCliConfig({ DATA_DIR: '/data', LOG_LEVEL: 'warn' })).toEqual({
    datastoreUrl: 'sqlite:/data/personalization.db',
    dataDir: '/data',
    developmentClockFile: null,
    logLevel: 'warn',
  })
})

function messageOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    return String(error)
  }
  throw new Error('expected to throw')
}
