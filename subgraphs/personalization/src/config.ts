import { parsePublicKeys } from '@bulkhead/contracts'
import {
  count,
  httpUrl,
  type LogLevel,
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

const datastoreSettings = {
  DATA_DIR: text({ expected: 'a folder that this process may write', default: '.data' }),
  DATASTORE_URL: text({ expected: 'sqlite:PATH or mongodb://HOST/DATABASE' }).optional(),
  LOG_LEVEL: logLevel(),
}

const schema = z.object({
  ...datastoreSettings,
  HOST: text({ expected: 'the address to listen on', default: '127.0.0.1' }),
  PORT: port(4001),
  NODE_ENV: nodeEnv(),
  GATEWAY_SECRETS: secretList(),
  EXPERIMENTATION_URL: httpUrl('http://127.0.0.1:4002'),
  EVENTS_WRITE_TOKEN: bearerToken(),
  SNAPSHOT_READ_TOKEN: bearerToken(),
  SNAPSHOT_PUBLIC_KEYS: publicKeys(),
  SNAPSHOT_INTERVAL_MS: milliseconds({ min: 50, max: DAY_MS, default: 2_000 }),
  OUTBOX_LIMIT: count({ min: 1, max: 100_000_000, default: 100_000 }),
  RELAY_INTERVAL_MS: milliseconds({ min: 10, max: 60_000, default: 200 }),
  RELAY_BATCH_SIZE: count({ min: 1, max: 500, default: 200 }),
  RELAY_LEASE_MS: milliseconds({ min: 1_000, max: 600_000, default: 30_000 }),
  RELAY_REQUEST_TIMEOUT_MS: milliseconds({ min: 50, max: 60_000, default: 5_000 }),
  RELAY_MAX_BACKOFF_MS: milliseconds({ min: 100, max: 3_600_000, default: 30_000 }),
  HEARTBEAT_INTERVAL_MS: milliseconds({ min: 100, max: 600_000, default: 10_000 }),
  INDEX_REFRESH_MS: milliseconds({ min: 50, max: 600_000, default: 2_000 }),
  INDEX_MAX_ITEMS: count({ min: 1, max: 100_000_000, default: 200_000 }),
  // Below the age at which ingest refuses events, with room for an outage: it takes 30 days by default.
  INTERACTION_MAX_AGE_MS: milliseconds({ min: 60_000, max: 3_650 * DAY_MS, default: 7 * DAY_MS }),
  MODEL_REFRESH_MS: milliseconds({ min: 50, max: 600_000, default: 1_000 }),
  HYDRATION_DEADLINE_MS: milliseconds({ min: 1, max: 60_000, default: 100 }),
  COMMIT_DEADLINE_MS: milliseconds({ min: 10, max: 60_000, default: 1_000 }),
  DRAIN_TIMEOUT_MS: milliseconds({ min: 100, max: 600_000, default: 10_000 }),
})

export type Config = ReturnType<typeof loadConfig>

/**
 * The service's settings, parsed and frozen. Durations are milliseconds.
 * @throws ConfigError that lists every problem at once; in production, development secrets are problems
 */
export function loadConfig(env: Environment = process.env) {
  const settings = parseConfig(
    schema.superRefine((parsed, context) => {
      // A claim that ends before its own request could would be sent twice, every time.
      if (parsed.RELAY_LEASE_MS <= parsed.RELAY_REQUEST_TIMEOUT_MS) {
        context.addIssue({
          code: 'custom',
          path: ['RELAY_LEASE_MS'],
          message: 'is too short (set more than RELAY_REQUEST_TIMEOUT_MS)',
        })
      }
    }),
    env,
  )
  refuseDevelopmentSecrets(
    {
      GATEWAY_SECRETS: settings.GATEWAY_SECRETS,
      EVENTS_WRITE_TOKEN: settings.EVENTS_WRITE_TOKEN,
      SNAPSHOT_READ_TOKEN: settings.SNAPSHOT_READ_TOKEN,
      SNAPSHOT_PUBLIC_KEYS: [...settings.SNAPSHOT_PUBLIC_KEYS.keys()],
    },
    settings.NODE_ENV,
  )
  return Object.freeze({
    production: settings.NODE_ENV === 'production',
    host: settings.HOST,
    port: settings.PORT,
    logLevel: settings.LOG_LEVEL,
    datastoreUrl: datastoreUrl(settings),
    gatewaySecrets: settings.GATEWAY_SECRETS,
    experimentationUrl: settings.EXPERIMENTATION_URL,
    eventsWriteToken: settings.EVENTS_WRITE_TOKEN,
    snapshotReadToken: settings.SNAPSHOT_READ_TOKEN,
    snapshotPublicKeys: settings.SNAPSHOT_PUBLIC_KEYS,
    snapshotIntervalMs: settings.SNAPSHOT_INTERVAL_MS,
    outboxLimit: settings.OUTBOX_LIMIT,
    relay: Object.freeze({
      intervalMs: settings.RELAY_INTERVAL_MS,
      batchSize: settings.RELAY_BATCH_SIZE,
      leaseMs: settings.RELAY_LEASE_MS,
      requestTimeoutMs: settings.RELAY_REQUEST_TIMEOUT_MS,
      maxBackoffMs: settings.RELAY_MAX_BACKOFF_MS,
    }),
    heartbeatIntervalMs: settings.HEARTBEAT_INTERVAL_MS,
    indexRefreshMs: settings.INDEX_REFRESH_MS,
    indexMaxItems: settings.INDEX_MAX_ITEMS,
    interactionMaxAgeMs: settings.INTERACTION_MAX_AGE_MS,
    modelRefreshMs: settings.MODEL_REFRESH_MS,
    hydrationDeadlineMs: settings.HYDRATION_DEADLINE_MS,
    commitDeadlineMs: settings.COMMIT_DEADLINE_MS,
    drainTimeoutMs: settings.DRAIN_TIMEOUT_MS,
  })
}

/**
 * What the command line needs: no secret and no port.
 * @throws ConfigError that lists every problem at once
 */
export function loadCliConfig(env: Environment = process.env): {
  readonly datastoreUrl: string
  readonly logLevel: LogLevel
} {
  const settings = parseConfig(z.object(datastoreSettings), env)
  return Object.freeze({ datastoreUrl: datastoreUrl(settings), logLevel: settings.LOG_LEVEL })
}

/** Its form is the datastore's to judge, when it opens. */
function datastoreUrl(settings: {
  readonly DATA_DIR: string
  readonly DATASTORE_URL?: string | undefined
}): string {
  return settings.DATASTORE_URL ?? `sqlite:${settings.DATA_DIR}/personalization.db`
}

/** One secret to send; whoever checks it accepts two during a rotation. */
function bearerToken() {
  return text({ expected: 'the token that experimentation accepts' }).refine(
    (token) => /^[\x21-\x7e]{16,}$/.test(token) && !token.includes(','),
    'is not one token of at least 16 printable characters (set the token that experimentation accepts)',
  )
}

function publicKeys() {
  return text({ expected: 'keyId:key, the public keys that snapshots are signed with' }).transform(
    (value, context) => {
      try {
        return parsePublicKeys(value)
      } catch (error) {
        context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) })
        return z.NEVER
      }
    },
  )
}
