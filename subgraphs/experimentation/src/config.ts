import { hash } from 'node:crypto'
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
import {
  ANALYST_PROCESS_SETTINGS,
  CLI_SETTINGS,
  type EventSourceTokens,
  PUBLISHING_SETTINGS,
  SETTINGS,
  SPARK_SETTINGS,
  SUBGRAPH,
} from './settings.ts'

type SigningConfig = {
  readonly keyId: string
  /** As `parsePrivateKey` of the contracts reads it. */
  readonly privateKey: string
}

export type Config = ReturnType<typeof loadConfig>
export type AnalystConfig = ReturnType<typeof loadAnalystConfig>

/**
 * The service's settings, parsed and frozen. Durations are milliseconds.
 * @throws ConfigError that lists every problem at once; in production, development secrets are problems
 */
export function loadConfig(env: Environment = process.env) {
  const settings = parseConfig(SETTINGS, env)
  refuseProblems([
    ...sharedTokens(settings),
    ...shortRetention(settings),
    ...unsignedWebhooks(settings),
    ...developmentClockProblems(settings, env),
    ...developmentSecrets(
      {
        GATEWAY_SECRETS: settings.GATEWAY_SECRETS,
        EVENTS_WRITE_TOKENS: settings.EVENTS_WRITE_TOKENS,
        EVENT_SOURCES: settings.EVENT_SOURCES.flatMap(({ tokens }) => tokens),
        SNAPSHOT_READ_TOKENS: settings.SNAPSHOT_READ_TOKENS,
        SNAPSHOT_SIGNING_KEY_ID: settings.SNAPSHOT_SIGNING_KEY_ID,
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
    eventsWriteTokens: settings.EVENTS_WRITE_TOKENS,
    eventSources: settings.EVENT_SOURCES,
    snapshotReadTokens: settings.SNAPSHOT_READ_TOKENS,
    signing: signingConfig(settings),
    reviewQuorum: settings.REVIEW_QUORUM,
    analysis: settings.ANALYSIS,
    analysisWaitMs: settings.ANALYSIS_WAIT_MS,
    analysisQueueLimit: settings.ANALYSIS_QUEUE_LIMIT,
    positionIntervalMs: settings.POSITION_INTERVAL_MS,
    countDelayMs: settings.COUNT_DELAY_MS,
    snapshotRefreshMs: settings.SNAPSHOT_REFRESH_MS,
    eventMaxAgeMs: settings.EVENT_MAX_AGE_MS,
    eventMaxFutureMs: settings.EVENT_MAX_FUTURE_MS,
    eventRetentionMs: settings.EVENT_RETENTION_MS,
    eventArchive: settings.EVENT_ARCHIVE,
    ingestConcurrency: settings.INGEST_CONCURRENCY,
    ingestQueueLimit: settings.INGEST_QUEUE_LIMIT,
    ingestUnpositionedLimit: settings.INGEST_UNPOSITIONED_LIMIT,
    drainTimeoutMs: settings.DRAIN_TIMEOUT_MS,
  })
}

/**
 * The settings of a process that analyses, on its own or beside a replica.
 * @throws ConfigError that lists every problem at once
 */
export function loadAnalystConfig(env: Environment = process.env) {
  const settings = parseConfig(ANALYST_PROCESS_SETTINGS, env)
  refuseProblems([...unsignedWebhooks(settings), ...developmentClockProblems(settings, env)])
  return Object.freeze({
    production: settings.NODE_ENV === 'production',
    logLevel: settings.LOG_LEVEL,
    drainTimeoutMs: settings.DRAIN_TIMEOUT_MS,
    datastoreUrl: datastoreUrl(SUBGRAPH, settings),
    developmentClockFile: settings.DEVELOPMENT_CLOCK_FILE,
    host: settings.ANALYST_HOST,
    port: settings.ANALYST_PORT,
    eventMaxAgeMs: settings.EVENT_MAX_AGE_MS,
    positionIntervalMs: settings.POSITION_INTERVAL_MS,
    countDelayMs: settings.COUNT_DELAY_MS,
    file: analysisFile(settings),
    exportFolder: settings.ANALYSIS_EXPORT,
    memoryLimit: `${settings.ANALYSIS_MEMORY_MB}MiB`,
    threads: settings.ANALYSIS_THREADS,
    leaseMs: settings.ANALYSIS_LEASE_MS,
    schedule: settings.ANALYSIS_SCHEDULE === 'on',
    webhookUrls: settings.WEBHOOK_URLS,
    /** Base64. */
    webhookKeys: settings.WEBHOOK_SECRETS,
  })
}

/**
 * What commands on the datastore need: no secret and no port.
 * @throws ConfigError that lists every problem at once
 */
export function loadCliConfig(env: Environment = process.env): {
  readonly datastoreUrl: string
  readonly analysisFile: string
  readonly logLevel: LogLevel
} {
  const settings = parseConfig(CLI_SETTINGS, env)
  return Object.freeze({
    datastoreUrl: datastoreUrl(SUBGRAPH, settings),
    analysisFile: analysisFile(settings),
    logLevel: settings.LOG_LEVEL,
  })
}

/** What a command needs that calls the API. @throws ConfigError that lists every problem at once */
export function loadApiConfig(env: Environment = process.env): ApiConfig {
  return readApiConfig(env)
}

/** @throws ConfigError */
export function loadSparkConfig(env: Environment = process.env): { readonly command: readonly string[] } {
  return Object.freeze({ command: parseConfig(SPARK_SETTINGS, env).SPARK_SQL_COMMAND })
}

/**
 * What a command that publishes a snapshot needs as well.
 * @throws ConfigError that lists every problem at once
 */
export function loadPublishingConfig(env: Environment = process.env): {
  readonly production: boolean
  readonly signing: SigningConfig
  readonly reviewQuorum: number
  readonly developmentClockFile: string | null
} {
  const settings = parseConfig(PUBLISHING_SETTINGS, env)
  refuseProblems([
    ...developmentClockProblems(settings, env),
    ...developmentSecrets({ SNAPSHOT_SIGNING_KEY_ID: settings.SNAPSHOT_SIGNING_KEY_ID }, settings.NODE_ENV),
  ])
  return Object.freeze({
    developmentClockFile: settings.DEVELOPMENT_CLOCK_FILE,
    production: settings.NODE_ENV === 'production',
    signing: signingConfig(settings),
    reviewQuorum: settings.REVIEW_QUORUM,
  })
}

/** One for each datastore, so that two services in one folder do not take it from each other. */
function analysisFile(settings: {
  readonly ANALYSIS_FILE: string | null
  readonly DATA_DIR: string
  readonly DATASTORE_URL: string | null
}): string {
  if (settings.ANALYSIS_FILE !== null) return settings.ANALYSIS_FILE
  const url = datastoreUrl(SUBGRAPH, settings)
  const [, path] = /^sqlite:(.+?)(?:\.db)?$/.exec(url) ?? []
  if (path !== undefined) return `${path}-analysis.duckdb`
  return `${settings.DATA_DIR}/${SUBGRAPH}-analysis-${hash('sha256', url, 'hex').slice(0, 12)}.duckdb`
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

/** A service with the platform's token could send everything under any name. */
function sharedTokens(settings: {
  readonly EVENTS_WRITE_TOKENS: readonly string[]
  readonly EVENT_SOURCES: readonly EventSourceTokens[]
}): readonly string[] {
  return settings.EVENT_SOURCES.filter(({ tokens }) =>
    tokens.some((token) => settings.EVENTS_WRITE_TOKENS.includes(token)),
  ).map(({ name }) => `EVENT_SOURCES: gives ${name} a token of EVENTS_WRITE_TOKENS (make one of its own)`)
}

/** An erased event that arrived again would be counted twice, because nothing is left of its id. */
function shortRetention(settings: {
  readonly EVENT_RETENTION_MS: number
  readonly EVENT_MAX_AGE_MS: number
  readonly EVENT_MAX_FUTURE_MS: number
}): readonly string[] {
  const { EVENT_RETENTION_MS: retentionMs, EVENT_MAX_AGE_MS, EVENT_MAX_FUTURE_MS } = settings
  const shortest = EVENT_MAX_AGE_MS + EVENT_MAX_FUTURE_MS
  if (retentionMs === 0 || retentionMs >= shortest) return []
  return [
    `EVENT_RETENTION_MS: erases events that can still arrive again (set 0, or at least EVENT_MAX_AGE_MS + EVENT_MAX_FUTURE_MS, ${shortest})`,
  ]
}

/** A receiver could not tell our webhooks from anybody else's. */
function unsignedWebhooks(settings: {
  readonly WEBHOOK_URLS: readonly string[]
  readonly WEBHOOK_SECRETS: readonly unknown[]
}): readonly string[] {
  return settings.WEBHOOK_URLS.length === 0 || settings.WEBHOOK_SECRETS.length > 0
    ? []
    : ['WEBHOOK_SECRETS: is not set, and WEBHOOK_URLS is (set whsec_ and the base64 of 32 random octets)']
}
