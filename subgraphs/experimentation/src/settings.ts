import {
  identifierSchema,
  keySchema,
  MAX_EVENTS_PER_BATCH,
  parsePrivateKey,
  parsePublicKeys,
} from '@bulkhead/contracts'
import {
  datastoreSettings,
  gatewaySecrets,
  identityPublicKeys,
  logLevel,
  nodeEnv,
  serviceSettings,
} from '@bulkhead/service/config/config'
import { developmentClockSetting } from '@bulkhead/service/config/development-clock'
import { count, MIN_SECRET_LENGTH, milliseconds, secretList, setting } from '@bulkhead/service/config/setting'
import { z } from 'zod'
import { ANALYST_SETTINGS } from './analyst-settings.ts'

/** The name in the supergraph. */
export const SUBGRAPH = 'experimentation'
const DAY_MS = 86_400_000

/** A service that sends events of its own; the token is a secret of that service alone. */
export type EventSourceTokens = { readonly name: string; readonly tokens: readonly string[] }

const signingSettings = {
  SNAPSHOT_SIGNING_KEY_ID: setting({
    about: 'The id under which subscribers know the public key of SNAPSHOT_SIGNING_KEY.',
    expected: 'the id under which subscribers know the public key, 1 to 256 characters',
    read: (raw) => (identifierSchema.safeParse(raw).success ? { ok: raw } : { wrong: 'is not a key id' }),
  }),
  SNAPSHOT_SIGNING_KEY: setting({
    about: 'The Ed25519 private key that snapshots are signed with.',
    expected: 'an Ed25519 private key: base64url of its PKCS#8, or PEM',
    read: (raw) => (isPrivateKey(raw) ? { ok: raw } : { wrong: 'cannot be read as an Ed25519 private key' }),
  }),
}

const reviewSettings = {
  REVIEW_QUORUM: count({
    about:
      'How many people other than the author have to approve the start of an experiment, and a decision. With 0 nobody has to, and the audit log says so.',
    min: 0,
    max: 10,
    default: 1,
  }),
}

/** Experimentation's environment variables. */
export const SETTINGS = z.object({
  ...serviceSettings({ port: 4002 }),
  ...datastoreSettings(SUBGRAPH),
  DEVELOPMENT_CLOCK_FILE: developmentClockSetting(),
  GATEWAY_SECRETS: gatewaySecrets(),
  IDENTITY_PUBLIC_KEYS: identityPublicKeys(parsePublicKeys),
  EVENTS_WRITE_TOKENS: secretList({ about: 'The credentials that `POST /v1/events` accepts.' }),
  EVENT_SOURCES: setting<readonly EventSourceTokens[]>({
    about:
      'Other services that send events of their own, as `name:token` separated by commas; during a rotation a name is there twice.',
    expected: 'name:token for each service, separated by commas, each token of at least 16 characters',
    default: [],
    shownDefault: 'none',
    read: readEventSources,
  }),
  SNAPSHOT_READ_TOKENS: secretList({ about: 'The credentials that `GET /v1/snapshot` accepts.' }),
  ...signingSettings,
  EVENT_MAX_AGE_MS: milliseconds({
    about: 'Events that are older are refused.',
    min: 60_000,
    max: 3_650 * DAY_MS,
    default: 30 * DAY_MS,
    shownDefault: '2592000000 (30 days)',
  }),
  EVENT_MAX_FUTURE_MS: milliseconds({
    about: 'Events whose time is further in the future are refused. Senders can send them again later.',
    min: 0,
    max: DAY_MS,
    default: 300_000,
  }),
  EVENT_RETENTION_MS: milliseconds({
    about:
      'Events are erased this long after their arrival, once they are counted, and refused ones as well; 0 keeps them for ever. At least EVENT_MAX_AGE_MS and EVENT_MAX_FUTURE_MS together, so that no erased event can arrive again.',
    min: 0,
    max: 36_500 * DAY_MS,
    default: 0,
    shownDefault: '0 (for ever)',
  }),
  EVENT_ARCHIVE: setting<string | null>({
    about:
      'The export that retention waits for, by the name that `experimentation -- export --archive` gives it: nothing is erased for its age that it does not hold, and no erasure of a unit is forgotten that it has not applied.',
    expected: 'the name of an archive, a key such as main',
    default: null,
    shownDefault: 'none',
    read: (raw) => (keySchema.safeParse(raw).success ? { ok: raw } : { wrong: 'is not a key' }),
  }),
  INGEST_CONCURRENCY: count({
    about: 'How many batches of events are read and processed at the same time; more are answered 429.',
    min: 1,
    max: 10_000,
    default: 64,
  }),
  INGEST_QUEUE_LIMIT: count({
    about:
      'How many events are processed at the same time; a batch that exceeds it is answered 429. Below what the queue of SQLite holds, so that counting and erasing find room there.',
    min: MAX_EVENTS_PER_BATCH,
    max: 80_000,
    default: 32_000,
  }),
  INGEST_UNPOSITIONED_LIMIT: count({
    about:
      'How many stored events may wait for their ingest positions, on MongoDB; while there are more, batches are answered 429.',
    min: MAX_EVENTS_PER_BATCH,
    max: 100_000_000,
    default: 200_000,
  }),
  POSITION_INTERVAL_MS: milliseconds({
    about: 'How often new events get their ingest positions.',
    min: 10,
    max: 60_000,
    default: 200,
  }),
  COUNT_DELAY_MS: milliseconds({
    about:
      'How long after its arrival an exposure is counted at the earliest. It must exceed what the clocks of the replicas differ by, plus the longest that the commit of a change takes (some seconds during a failover): then every stop and pause of an experiment is known when its exposures are judged.',
    min: 0,
    max: 600_000,
    default: 10_000,
  }),
  ...reviewSettings,
  ...ANALYST_SETTINGS,
  ANALYSIS_WAIT_MS: milliseconds({
    about:
      "How long `runAnalysis` waits for its result. After that it answers ANALYSIS_RUNNING, and the analysis goes on. Below the gateway's ROOT_DEADLINE_MS.",
    min: 0,
    max: 600_000,
    default: 4_000,
  }),
  ANALYSIS_QUEUE_LIMIT: count({
    about:
      'How many analyses a replica may have asked for and not got yet; more are refused. All replicas together compute one at a time.',
    min: 1,
    max: 1_000,
    default: 20,
  }),
  SNAPSHOT_REFRESH_MS: milliseconds({
    about:
      'How often a replica looks for a snapshot that another replica has published, and whether the newest lists the decisions that model versions need.',
    min: 10,
    max: 60_000,
    default: 500,
  }),
})

/** The settings of a process that only analyses. */
export const ANALYST_PROCESS_SETTINGS = SETTINGS.pick({
  LOG_LEVEL: true,
  NODE_ENV: true,
  DRAIN_TIMEOUT_MS: true,
  DATA_DIR: true,
  DATASTORE_URL: true,
  DEVELOPMENT_CLOCK_FILE: true,
  EVENT_MAX_AGE_MS: true,
  POSITION_INTERVAL_MS: true,
  COUNT_DELAY_MS: true,
  ANALYSIS_FILE: true,
  ANALYSIS_EXPORT: true,
  ANALYSIS_MEMORY_MB: true,
  ANALYSIS_THREADS: true,
  ANALYSIS_LEASE_MS: true,
  ANALYSIS_SCHEDULE: true,
  ANALYST_HOST: true,
  ANALYST_PORT: true,
  WEBHOOK_URLS: true,
  WEBHOOK_SECRETS: true,
})

export const CLI_SETTINGS = z.object({
  ...datastoreSettings(SUBGRAPH),
  LOG_LEVEL: logLevel(),
  ANALYSIS_FILE: ANALYST_SETTINGS.ANALYSIS_FILE,
})
export const SPARK_SETTINGS = z.object({
  SPARK_SQL_COMMAND: setting<readonly string[]>({
    about:
      'The `spark-sql` that `analyze --engine spark` runs, and its arguments, separated by spaces; it must read and write the folder of the export.',
    expected: 'a command such as /opt/spark/bin/spark-sql --master local[2]',
    default: ['spark-sql'],
    shownDefault: 'spark-sql',
    read: (raw) => ({ ok: raw.trim().split(/\s+/) }),
  }),
})
export const PUBLISHING_SETTINGS = z.object({
  NODE_ENV: nodeEnv(),
  DEVELOPMENT_CLOCK_FILE: developmentClockSetting(),
  ...signingSettings,
  ...reviewSettings,
})

function readEventSources(raw: string): { ok: readonly EventSourceTokens[] } | { wrong: string } {
  const pairs = raw.split(',').map((pair) => /^\s*([^:\s]+):(\S+)\s*$/.exec(pair))
  const sources = new Map<string, string[]>()
  const known = new Set<string>()
  for (const pair of pairs) {
    const [, name = '', token = ''] = pair ?? []
    if (!keySchema.safeParse(name).success) return { wrong: 'holds something that is not name:token' }
    if (token.length < MIN_SECRET_LENGTH) return { wrong: `has a token for ${name} that is too short` }
    if (known.has(token)) return { wrong: `has the token of ${name} twice` }
    known.add(token)
    sources.set(name, [...(sources.get(name) ?? []), token])
  }
  return { ok: [...sources].map(([name, tokens]) => ({ name, tokens })) }
}

function isPrivateKey(value: string): boolean {
  try {
    parsePrivateKey(value)
    return true
  } catch {
    return false
  }
}
