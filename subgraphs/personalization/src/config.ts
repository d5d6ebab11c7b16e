import { type ApiConfig, readApiConfig } from '@bulkhead/service/api/settings'
import {
  datastoreUrl,
  developmentSecrets,
  type Environment,
  type LogLevel,
  parseConfig,
  refuseProblems,
} from '@bulkhead/service/config/config'
import { developmentClockProblems } from '@bulkhead/service/config/development-clock'
import { CLI_SETTINGS, SETTINGS, SUBGRAPH } from './settings.ts'

export type Config = ReturnType<typeof loadConfig>

/**
 * The service's settings, parsed and frozen. Durations are milliseconds.
 * @throws ConfigError that lists every problem at once; in production, development secrets are problems
 */
export function loadConfig(env: Environment = process.env) {
  const settings = parseConfig(SETTINGS, env)
  refuseProblems([
    ...shortLease(settings),
    ...shortRetention(settings),
    ...developmentClockProblems(settings, env),
    ...developmentSecrets(
      {
        GATEWAY_SECRETS: settings.GATEWAY_SECRETS,
        EVENTS_WRITE_TOKEN: settings.EVENTS_WRITE_TOKEN,
        SNAPSHOT_READ_TOKEN: settings.SNAPSHOT_READ_TOKEN,
        SNAPSHOT_PUBLIC_KEYS: [...settings.SNAPSHOT_PUBLIC_KEYS.keys()],
        IDENTITY_PUBLIC_KEYS: [...settings.IDENTITY_PUBLIC_KEYS.keys()],
      },
      settings.NODE_ENV,
    ),
  ])
  return Object.freeze({
    production: settings.NODE_ENV === 'production',
    host: settings.HOST,
    port: settings.PORT,
    logLevel: settings.LOG_LEVEL,
    datastoreUrl: datastoreUrl(SUBGRAPH, settings),
    developmentClockFile: settings.DEVELOPMENT_CLOCK_FILE,
    gatewaySecrets: settings.GATEWAY_SECRETS,
    identityPublicKeys: settings.IDENTITY_PUBLIC_KEYS,
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
    outboxName: settings.OUTBOX_NAME,
    heartbeatIntervalMs: settings.HEARTBEAT_INTERVAL_MS,
    indexRefreshMs: settings.INDEX_REFRESH_MS,
    indexMaxItems: settings.INDEX_MAX_ITEMS,
    interactionMaxAgeMs: settings.INTERACTION_MAX_AGE_MS,
    retention: Object.freeze({
      slatesMs: settings.SLATE_RETENTION_MS,
      deadLettersMs: settings.DEAD_LETTER_RETENTION_MS,
      artefactsMs: settings.RETIRED_ARTEFACT_RETENTION_MS,
      maxDeadLetters: settings.DEAD_LETTER_LIMIT,
    }),
    candidateLogRate: settings.CANDIDATE_LOG_RATE,
    modelRefreshMs: settings.MODEL_REFRESH_MS,
    shadowSampleRate: settings.SHADOW_SAMPLE_RATE,
    canaryShare: settings.CANARY_SHARE,
    hydrationDeadlineMs: settings.HYDRATION_DEADLINE_MS,
    commitDeadlineMs: settings.COMMIT_DEADLINE_MS,
    slateTargetMs: settings.SLATE_TARGET_MS,
    drainTimeoutMs: settings.DRAIN_TIMEOUT_MS,
  })
}

/**
 * What the command line needs: no secret and no port.
 * @throws ConfigError that lists every problem at once
 */
export function loadCliConfig(env: Environment = process.env): {
  readonly datastoreUrl: string
  /** Where a training that is interrupted keeps what it can go on from. */
  readonly dataDir: string
  readonly logLevel: LogLevel
  readonly developmentClockFile: string | null
} {
  const settings = parseConfig(CLI_SETTINGS, env)
  refuseProblems(developmentClockProblems(settings, env))
  return Object.freeze({
    datastoreUrl: datastoreUrl(SUBGRAPH, settings),
    dataDir: settings.DATA_DIR,
    logLevel: settings.LOG_LEVEL,
    developmentClockFile: settings.DEVELOPMENT_CLOCK_FILE,
  })
}

/** What a command needs that calls the API. @throws ConfigError that lists every problem at once */
export function loadApiConfig(env: Environment = process.env): ApiConfig {
  return readApiConfig(env)
}

/** If a claim could end before its request times out, a slow request would be sent a second time by another claim. */
function shortLease(settings: {
  readonly RELAY_LEASE_MS: number
  readonly RELAY_REQUEST_TIMEOUT_MS: number
}): readonly string[] {
  return settings.RELAY_LEASE_MS > settings.RELAY_REQUEST_TIMEOUT_MS
    ? []
    : ['RELAY_LEASE_MS: is too short (set more than RELAY_REQUEST_TIMEOUT_MS)']
}

/** An impression exposes the user of its slate, which has to be there for that. */
function shortRetention(settings: {
  readonly SLATE_RETENTION_MS: number
  readonly INTERACTION_MAX_AGE_MS: number
}): readonly string[] {
  const { SLATE_RETENTION_MS: slatesMs, INTERACTION_MAX_AGE_MS: maxAgeMs } = settings
  return slatesMs === 0 || slatesMs >= maxAgeMs
    ? []
    : ['SLATE_RETENTION_MS: is too short (set 0, or at least INTERACTION_MAX_AGE_MS)']
}
