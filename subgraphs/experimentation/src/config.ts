import { identifierSchema, parsePrivateKey } from '@bulkhead/contracts'
import {
  count,
  logLevel,
  milliseconds,
  nodeEnv,
  parseConfig,
  port,
  refuseDevelopmentSecrets,
  secretList,
  text,
} from '@bulkhead/service/config'
import { z } from 'zod'

type Environment = Readonly<Record<string, string | undefined>>

const DAY_MS = 86_400_000

const datastoreVariables = {
  LOG_LEVEL: logLevel(),
  DATA_DIR: text({ expected: 'a folder that this process may write', default: '.data' }),
  /** Empty only where it is not set: DATA_DIR decides then. */
  DATASTORE_URL: text({
    expected: 'sqlite:./file.db or mongodb://host:27017/database?replicaSet=rs0',
    default: '',
  }),
}

const signingVariables = {
  NODE_ENV: nodeEnv(),
  SNAPSHOT_SIGNING_KEY_ID: text({ expected: 'the id under which subscribers know the public key' }).refine(
    (keyId) => identifierSchema.safeParse(keyId).success,
    'is not a key id (set 1 to 256 characters)',
  ),
  SNAPSHOT_SIGNING_KEY: text({ expected: 'an Ed25519 private key: base64url of its PKCS#8, or PEM' }).refine(
    isPrivateKey,
    'cannot be read as an Ed25519 private key (set base64url of its PKCS#8, or PEM)',
  ),
}

const schema = z.object({
  ...datastoreVariables,
  ...signingVariables,
  HOST: text({ expected: 'the address to listen on', default: '127.0.0.1' }),
  PORT: port(4002),
  GATEWAY_SECRETS: secretList(),
  EVENTS_WRITE_TOKENS: secretList(),
  SNAPSHOT_READ_TOKENS: secretList(),
  POSITION_INTERVAL_MS: milliseconds({ min: 10, max: 60_000, default: 200 }),
  SNAPSHOT_REFRESH_MS: milliseconds({ min: 10, max: 60_000, default: 500 }),
  EVENT_MAX_AGE_MS: milliseconds({ min: 60_000, max: 3_650 * DAY_MS, default: 30 * DAY_MS }),
  EVENT_MAX_FUTURE_MS: milliseconds({ min: 0, max: DAY_MS, default: 300_000 }),
  INGEST_CONCURRENCY: count({ min: 1, max: 10_000, default: 16 }),
  DRAIN_TIMEOUT_MS: milliseconds({ min: 100, max: 600_000, default: 10_000 }),
})

export type SigningConfig = {
  readonly keyId: string
  /** As `parsePrivateKey` of the contracts reads it. */
  readonly privateKey: string
}

export type Config = ReturnType<typeof loadConfig>

/**
 * The service's settings, parsed and frozen. Durations are milliseconds.
 * @throws ConfigError that lists every problem at once; in production, development secrets are problems
 */
export function loadConfig(env: Environment = process.env) {
  const settings = parseConfig(schema, env)
  const { GATEWAY_SECRETS, EVENTS_WRITE_TOKENS, SNAPSHOT_READ_TOKENS, SNAPSHOT_SIGNING_KEY_ID } = settings
  refuseDevelopmentSecrets(
    { GATEWAY_SECRETS, EVENTS_WRITE_TOKENS, SNAPSHOT_READ_TOKENS, SNAPSHOT_SIGNING_KEY_ID },
    settings.NODE_ENV,
  )
  return Object.freeze({
    host: settings.HOST,
    port: settings.PORT,
    logLevel: settings.LOG_LEVEL,
    production: settings.NODE_ENV === 'production',
    datastoreUrl: datastoreUrl(settings),
    gatewaySecrets: GATEWAY_SECRETS,
    eventsWriteTokens: EVENTS_WRITE_TOKENS,
    snapshotReadTokens: SNAPSHOT_READ_TOKENS,
    signing: signingConfig(settings),
    positionIntervalMs: settings.POSITION_INTERVAL_MS,
    snapshotRefreshMs: settings.SNAPSHOT_REFRESH_MS,
    eventMaxAgeMs: settings.EVENT_MAX_AGE_MS,
    eventMaxFutureMs: settings.EVENT_MAX_FUTURE_MS,
    ingestConcurrency: settings.INGEST_CONCURRENCY,
    drainTimeoutMs: settings.DRAIN_TIMEOUT_MS,
  })
}

/** What every command needs. @throws ConfigError that lists every problem at once */
export function loadCliConfig(env: Environment = process.env) {
  const settings = parseConfig(z.object(datastoreVariables), env)
  return Object.freeze({ datastoreUrl: datastoreUrl(settings), logLevel: settings.LOG_LEVEL })
}

/** What a command that publishes needs besides. @throws ConfigError that lists every problem at once */
export function loadSigningConfig(env: Environment = process.env): SigningConfig {
  const settings = parseConfig(z.object(signingVariables), env)
  const { SNAPSHOT_SIGNING_KEY_ID } = settings
  refuseDevelopmentSecrets({ SNAPSHOT_SIGNING_KEY_ID }, settings.NODE_ENV)
  return signingConfig(settings)
}

function signingConfig(settings: {
  readonly SNAPSHOT_SIGNING_KEY_ID: string
  readonly SNAPSHOT_SIGNING_KEY: string
}): SigningConfig {
  return Object.freeze({
    keyId: settings.SNAPSHOT_SIGNING_KEY_ID,
    privateKey: settings.SNAPSHOT_SIGNING_KEY,
  })
}

function datastoreUrl(settings: { readonly DATA_DIR: string; readonly DATASTORE_URL: string }): string {
  return settings.DATASTORE_URL || `sqlite:${settings.DATA_DIR}/experimentation.db`
}

function isPrivateKey(value: string): boolean {
  try {
    parsePrivateKey(value)
    return true
  } catch {
    return false
  }
}
