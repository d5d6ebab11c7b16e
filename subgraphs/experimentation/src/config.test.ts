import { generateKeyPairSync } from 'node:crypto'
import { encodePrivateKey, encodePublicKey } from '@bulkhead/contracts'
import { ConfigError } from '@bulkhead/service/config/config'
import { expect, test } from 'vitest'
import {
  loadAnalystConfig,
  loadApiConfig,
  loadCliConfig,
  loadConfig,
  loadPublishingConfig,
} from './config.ts'

function key(type: 'ed25519' | 'ed448') {
  return encodePrivateKey(
    (type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ed448')).privateKey,
  )
}

const valid = {
  GATEWAY_SECRETS: 'gateway-secret-one-1',
  EVENTS_WRITE_TOKENS: 'events-token-one-111,events-token-two-222',
  SNAPSHOT_READ_TOKENS: 'snapshot-token-one-1',
  IDENTITY_PUBLIC_KEYS: `k1:${encodePublicKey(generateKeyPairSync('ed25519').publicKey)}`,
  SNAPSHOT_SIGNING_KEY_ID: 'k1',
  SNAPSHOT_SIGNING_KEY: key('ed25519'),
}

function problemsOf(load: () => unknown): readonly string[] {
  try {
    load()
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

test('the defaults are the documented ones', () => {
  const config = loadConfig(valid)
  expect(config).toMatchObject({
    host: '127.0.0.1',
    port: 4002,
    production: false,
    datastoreUrl: 'sqlite:.data/experimentation.db',
    eventsWriteTokens: ['events-token-one-111', 'events-token-two-222'],
    positionIntervalMs: 200,
    snapshotRefreshMs: 500,
    analysis: 'embedded',
    analysisWaitMs: 4_000,
    analysisQueueLimit: 20,
    eventMaxAgeMs: 2_592_000_000,
    eventMaxFutureMs: 300_000,
    eventRetentionMs: 0,
    eventArchive: null,
    ingestConcurrency: 64,
    ingestQueueLimit: 32_000,
    ingestUnpositionedLimit: 200_000,
    drainTimeoutMs: 10_000,
  })
  expect(Object.isFrozen(config)).toBe(true)
})

test('commands that call the API find the gateway of this machine, and send the token that is set', () => {
  expect(loadApiConfig({})).toEqual({ url: 'http://127.0.0.1:4000/graphql', token: null })
  const set = { BULKHEAD_URL: 'https://graph.example.org/graphql', BULKHEAD_TOKEN: ' a.b-c ' }
  expect(loadApiConfig(set)).toEqual({ url: set.BULKHEAD_URL, token: 'a.b-c' })
  const wrong = { BULKHEAD_URL: 'file:///etc/passwd', BULKHEAD_TOKEN: 'a b' }
  expect(problemsOf(() => loadApiConfig(wrong))).toEqual([
    'BULKHEAD_URL: is no such URL (set an http or https URL)',
    'BULKHEAD_TOKEN: has characters that no token has (set a token)',
  ])
})

test('a datastore URL wins over the data folder', () => {
  expect(loadCliConfig({ DATA_DIR: '/data' }).datastoreUrl).toBe('sqlite:/data/experimentation.db')
  expect(loadCliConfig({ DATA_DIR: '/data', DATASTORE_URL: 'mongodb://h/d' }).datastoreUrl).toBe(
    'mongodb://h/d',
  )
  expect(problemsOf(() => loadCliConfig({ DATASTORE_URL: '' }))[0]).toMatch(/^DATASTORE_URL: is empty/)
})

test('events are kept for as long as they can arrive again', () => {
  const kept = (ms: number) =>
    problemsOf(() => loadConfig({ ...valid, EVENT_MAX_AGE_MS: '60000', EVENT_RETENTION_MS: String(ms) }))
  expect(kept(359_999)).toEqual([expect.stringMatching(/^EVENT_RETENTION_MS: .*360000/)])
  expect(kept(360_000)).toEqual([])
  expect(kept(0)).toEqual([])
})

test('every problem is reported at once, and no secret is quoted', () => {
  const problems = problemsOf(() =>
    loadConfig({
      PORT: 'x',
      GATEWAY_SECRETS: 'short',
      SNAPSHOT_SIGNING_KEY: 'no-key-at-all',
      INGEST_CONCURRENCY: '0',
      // All of what SQLite queues: counting and erasing would find no room.
      INGEST_QUEUE_LIMIT: '100000',
    }),
  )
  expect(problems.map((problem) => problem.split(':')[0]).sort()).toEqual([
    'EVENTS_WRITE_TOKENS',
    'GATEWAY_SECRETS',
    'IDENTITY_PUBLIC_KEYS',
    'INGEST_CONCURRENCY',
    'INGEST_QUEUE_LIMIT',
    'PORT',
    'SNAPSHOT_READ_TOKENS',
    'SNAPSHOT_SIGNING_KEY',
    'SNAPSHOT_SIGNING_KEY_ID',
  ])
  expect(problems.join()).not.toMatch(/no-key-at-all|short,/)
})

test('services that send events have names and tokens, two of them during a rotation', () => {
  const sources = (value: string) => loadConfig({ ...valid, EVENT_SOURCES: value }).eventSources
  expect(loadConfig(valid).eventSources).toEqual([])
  expect(sources('shop:shop-token-one-11, crm:crm-token:with-colon ,shop:shop-token-two-22')).toEqual([
    { name: 'shop', tokens: ['shop-token-one-11', 'shop-token-two-22'] },
    { name: 'crm', tokens: ['crm-token:with-colon'] },
  ])
  for (const wrong of [
    'shop',
    'shop:too-short',
    ':shop-token-one-11',
    'the shop:shop-token-one-11',
    'shop:shop-token-one-11,',
    'shop:shop-token-one-11,crm:shop-token-one-11',
    'shop:events-token-one-111',
  ]) {
    const problems = problemsOf(() => sources(wrong))
    expect(problems, wrong).toEqual([expect.stringMatching(/^EVENT_SOURCES: /)])
    expect(problems.join()).not.toMatch(/token-one|too-short/)
  }
})

test('a key of another kind is refused', () => {
  const problems = problemsOf(() => loadConfig({ ...valid, SNAPSHOT_SIGNING_KEY: key('ed448') }))
  expect(problems).toHaveLength(1)
  expect(problems[0]).toMatch(/^SNAPSHOT_SIGNING_KEY: cannot be read as an Ed25519 private key/)
})

test('settings that do not fit each other are reported together', () => {
  const problems = problemsOf(() =>
    loadConfig({
      ...valid,
      NODE_ENV: 'production',
      EVENT_SOURCES: 'shop:events-token-one-111,cart:events-token-two-222',
      EVENT_RETENTION_MS: '60000',
      WEBHOOK_URLS: 'https://a.example/hook',
      SNAPSHOT_READ_TOKENS: 'dev-snapshot-token-1',
    }),
  )
  expect(problems.map((problem) => problem.replace(/ \(.*/, ''))).toEqual([
    'EVENT_SOURCES: gives shop a token of EVENTS_WRITE_TOKENS',
    'EVENT_SOURCES: gives cart a token of EVENTS_WRITE_TOKENS',
    'EVENT_RETENTION_MS: erases events that can still arrive again',
    'WEBHOOK_SECRETS: is not set, and WEBHOOK_URLS is',
    'SNAPSHOT_READ_TOKENS: is a development secret',
  ])
})

test('production refuses what the development launcher generates, the key id included', () => {
  const development = {
    ...valid,
    GATEWAY_SECRETS: 'gateway-secret-one-1,dev-gateway-secret-1',
    EVENTS_WRITE_TOKENS: 'dev-events-token-one',
    EVENT_SOURCES: 'shop:dev-shop-token-111',
    SNAPSHOT_READ_TOKENS: 'dev-snapshot-token-1',
    SNAPSHOT_SIGNING_KEY_ID: 'dev-k1',
    IDENTITY_PUBLIC_KEYS: `dev-${valid.IDENTITY_PUBLIC_KEYS}`,
  }
  expect(problemsOf(() => loadConfig({ ...development, NODE_ENV: 'production' }))).toHaveLength(6)
  expect(problemsOf(() => loadPublishingConfig({ ...development, NODE_ENV: 'production' }))).toHaveLength(1)
  expect(problemsOf(() => loadConfig(development))).toEqual([])
  expect(problemsOf(() => loadConfig({ ...valid, NODE_ENV: 'production' }))).toEqual([])
})

test('a clock of development is refused unless NODE_ENV says development, wherever there is a clock', () => {
  const clock = { DEVELOPMENT_CLOCK_FILE: '/data/clock' }
  for (const load of [
    (env: object) => loadConfig({ ...valid, ...env }),
    (env: object) => loadPublishingConfig({ ...valid, ...env }),
    loadAnalystConfig,
  ]) {
    expect(load({ ...clock, NODE_ENV: 'development' }).developmentClockFile).toBe('/data/clock')
    for (const env of [clock, { ...clock, NODE_ENV: 'test' }, { ...clock, NODE_ENV: 'production' }]) {
      const problems = problemsOf(() => load(env))
      expect(problems).toContainEqual(
        expect.stringMatching(/^DEVELOPMENT_CLOCK_FILE: needs NODE_ENV=development/),
      )
    }
  }
})

test('a process that only analyses needs no secret, and keeps its file beside the data', () => {
  expect(loadAnalystConfig({})).toMatchObject({
    file: '.data/experimentation-analysis.duckdb',
    datastoreUrl: 'sqlite:.data/experimentation.db',
    memoryLimit: '1024MiB',
    threads: 2,
    leaseMs: 20_000,
    schedule: true,
    port: 4003,
    webhookUrls: [],
    webhookKeys: [],
  })
  const fileOf = (DATASTORE_URL: string) => loadCliConfig({ DATA_DIR: '/data', DATASTORE_URL }).analysisFile
  expect(fileOf('sqlite:/other/mine.db')).toBe('/other/mine-analysis.duckdb')
  expect(fileOf('mongodb://a/one')).toMatch(/^\/data\/experimentation-analysis-[0-9a-f]{12}\.duckdb$/)
  expect(fileOf('mongodb://a/one')).not.toBe(fileOf('mongodb://a/two'))
  expect(loadCliConfig({ ANALYSIS_FILE: '/x' }).analysisFile).toBe('/x')
})

test('webhooks need a secret, which is kept as its key', () => {
  const secret = (octets: number) => `whsec_${Buffer.alloc(octets, 7).toString('base64')}`
  const urls = { WEBHOOK_URLS: 'https://a.example/x?t=1, http://10.0.0.7:8080/hook' }
  expect(loadAnalystConfig({ ...urls, WEBHOOK_SECRETS: `${secret(24)},${secret(64)}` })).toMatchObject({
    webhookUrls: ['https://a.example/x?t=1', 'http://10.0.0.7:8080/hook'],
    webhookKeys: [24, 64].map((octets) => Buffer.alloc(octets, 7).toString('base64')),
  })
  for (const load of [loadAnalystConfig, (env: object) => loadConfig({ ...valid, ...env })]) {
    expect(problemsOf(() => load(urls))).toEqual([expect.stringMatching(/^WEBHOOK_SECRETS: is not set/)])
    for (const [WEBHOOK_SECRETS, problem] of [
      [secret(23), /not such a secret/],
      ['a-secret-of-sixteen', /not such a secret/],
      [[24, 25, 26].map(secret).join(), /holds 3/],
    ] as const) {
      const problems = problemsOf(() => load({ ...urls, WEBHOOK_SECRETS }))
      expect(problems).toEqual([expect.stringMatching(problem)])
    }
    const wrong = { WEBHOOK_URLS: 'ftp://a.example', WEBHOOK_SECRETS: secret(32) }
    expect(problemsOf(() => load(wrong))).toEqual([expect.stringMatching(/^WEBHOOK_URLS: .*not an http URL/)])
  }
})
