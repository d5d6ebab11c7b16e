import { identifierSchema, parsePublicKeys } from '@bulkhead/contracts'
import {
  datastoreSettings,
  gatewaySecrets,
  identityPublicKeys,
  logLevel,
  serviceSettings,
} from '@bulkhead/service/config/config'
import { developmentClockSetting } from '@bulkhead/service/config/development-clock'
import { count, httpUrl, milliseconds, parsed, setting, share } from '@bulkhead/service/config/setting'
import { z } from 'zod'

/** The name in the supergraph. */
export const SUBGRAPH = 'personalization'
const DAY_MS = 86_400_000

/** Personalization's environment variables. */
export const SETTINGS = z.object({
  ...serviceSettings({ port: 4001 }),
  ...datastoreSettings(SUBGRAPH),
  DEVELOPMENT_CLOCK_FILE: developmentClockSetting(),
  GATEWAY_SECRETS: gatewaySecrets(),
  IDENTITY_PUBLIC_KEYS: identityPublicKeys(parsePublicKeys),
  EXPERIMENTATION_URL: httpUrl({
    about: 'Where experimentation is: the snapshot is read from it, events are delivered to it.',
    default: 'http://127.0.0.1:4002',
  }),
  EVENTS_WRITE_TOKEN: bearerToken('The credential for the delivery of events.'),
  SNAPSHOT_READ_TOKEN: bearerToken('The credential for reading the snapshot.'),
  SNAPSHOT_PUBLIC_KEYS: parsed({
    about: 'Public keys that snapshots may be signed with, as `keyId:base64url`, separated by commas.',
    expected: 'keyId:key, the public keys that snapshots are signed with',
    parse: parsePublicKeys,
  }),
  SNAPSHOT_INTERVAL_MS: milliseconds({
    about: 'How often a new snapshot is asked for, give or take a fifth: how soon the kill switch works.',
    min: 50,
    max: DAY_MS,
    default: 1_000,
  }),
  OUTBOX_LIMIT: count({
    about:
      'Upper bound on undelivered slates and interactions. Above it, slates are served unassigned and interactions are refused.',
    min: 1,
    max: 100_000_000,
    default: 100_000,
  }),
  INTERACTION_MAX_AGE_MS: milliseconds({
    about:
      'Maximum age of interactions that the API accepts; bring in older ones with `import interactions`. Keep it below EVENT_MAX_AGE_MS of experimentation, with room for an outage.',
    min: 60_000,
    max: 3_650 * DAY_MS,
    default: 7 * DAY_MS,
    shownDefault: '604800000 (7 days)',
  }),
  RELAY_INTERVAL_MS: milliseconds({
    about: 'The pause between two deliveries of events.',
    min: 10,
    max: 60_000,
    default: 200,
  }),
  RELAY_BATCH_SIZE: count({ about: 'Outbox entries of one claim.', min: 1, max: 500, default: 200 }),
  RELAY_LEASE_MS: milliseconds({
    about:
      'How long claimed entries are reserved for one process; if it is killed, they are due again afterwards. Longer than RELAY_REQUEST_TIMEOUT_MS.',
    min: 1_000,
    max: 600_000,
    default: 30_000,
  }),
  RELAY_REQUEST_TIMEOUT_MS: milliseconds({
    about: 'How long one request to experimentation may take.',
    min: 50,
    max: 60_000,
    default: 5_000,
  }),
  RELAY_MAX_BACKOFF_MS: milliseconds({
    about: 'The longest pause after failed deliveries.',
    min: 100,
    max: 3_600_000,
    default: 30_000,
  }),
  OUTBOX_NAME: setting({
    about:
      'Names the outbox to experimentation: replicas on one datastore share the name, other datastores have others.',
    expected: '1 to 256 characters',
    default: SUBGRAPH,
    read: (raw) => (identifierSchema.safeParse(raw).success ? { ok: raw } : { wrong: 'is too long' }),
  }),
  HEARTBEAT_INTERVAL_MS: milliseconds({
    about: 'How often a process tells experimentation what it has served and delivered.',
    min: 100,
    max: 600_000,
    default: 10_000,
  }),
  INDEX_REFRESH_MS: milliseconds({
    about: 'How soon a changed catalogue is served.',
    min: 50,
    max: 600_000,
    default: 2_000,
  }),
  INDEX_MAX_ITEMS: count({
    about:
      'Upper bound on items in memory, from which slates are made and titles are found. Each item costs memory: see the README of the subgraph. Of a larger catalogue, the first by id serve.',
    min: 1,
    max: 100_000_000,
    default: 1_000_000,
  }),
  SLATE_RETENTION_MS: milliseconds({
    about:
      'How long slates are kept; 0 for ever. A deleted slate is answered with null. Unless 0, at least INTERACTION_MAX_AGE_MS, so that impressions of it still count.',
    min: 0,
    max: 36_500 * DAY_MS,
    default: 0,
  }),
  DEAD_LETTER_RETENTION_MS: milliseconds({
    about: 'How long dead letters are kept; 0 sets no limit by age. DEAD_LETTER_LIMIT holds in any case.',
    min: 0,
    max: 36_500 * DAY_MS,
    default: 0,
  }),
  RETIRED_ARTEFACT_RETENTION_MS: milliseconds({
    about:
      'How long the artefact of a model version is kept once it is retired; 0 for ever. No rollback brings back a version without it, and `registerModel` cannot use it. Those that experiments pin, and of the last two that left production, are kept.',
    min: 0,
    max: 36_500 * DAY_MS,
    default: 0,
  }),
  DEAD_LETTER_LIMIT: count({
    about: 'Upper bound on dead letters; beyond it the oldest are deleted, within a minute.',
    min: 1,
    max: 100_000_000,
    default: 100_000,
  }),
  CANDIDATE_LOG_RATE: share({
    about:
      'Share of the slates with exploration that keep all candidates they were selected from, for off-policy evaluation.',
    default: 0.01,
  }),
  MODEL_REFRESH_MS: milliseconds({
    about:
      'How often the version in production is looked up: how soon a promotion or a rollback takes effect.',
    min: 50,
    max: 600_000,
    default: 250,
  }),
  SHADOW_SAMPLE_RATE: setting({
    about:
      'The share of slates, 0 to 1, whose history models in shadow are asked too, off the request path. Their lists take a fiftieth of a core at most; samples beyond that are dropped.',
    expected: 'a number from 0 to 1',
    default: 0.1,
    echo: true,
    read: (raw) =>
      /^(0|1|0?\.\d{1,6}|1\.0{1,6})$/.test(raw) ? { ok: Number(raw) } : { wrong: 'is no share' },
  }),
  CANARY_SHARE: setting({
    about:
      'The share of listeners, 0 to 0.5, whom a refresh in its canary serves; as many others get the version in production for comparison. The same on every replica.',
    expected: 'a number from 0 to 0.5',
    default: 0.05,
    echo: true,
    read(raw) {
      if (!/^\d+(\.\d+)?$/.test(raw)) return { wrong: 'is not a number' }
      return Number(raw) > 0.5 ? { wrong: 'is out of range' } : { ok: Number(raw) }
    },
  }),
  HYDRATION_DEADLINE_MS: milliseconds({
    about: "How long a slate waits for the user's history.",
    min: 1,
    max: 60_000,
    default: 100,
  }),
  COMMIT_DEADLINE_MS: milliseconds({
    about: 'How long a slate waits for its own record to be durable.',
    min: 10,
    max: 60_000,
    default: 1_000,
  }),
  SLATE_TARGET_MS: milliseconds({
    about:
      'What the 99th percentile of the time of a slate is to stay below. While it does not and the process is busy, slates are made from fewer candidates; 60000 turns this off.',
    min: 1,
    max: 60_000,
    default: 100,
  }),
})

/** The settings of commands on the datastore. */
export const CLI_SETTINGS = z.object({
  ...datastoreSettings(SUBGRAPH),
  LOG_LEVEL: logLevel(),
  DEVELOPMENT_CLOCK_FILE: developmentClockSetting(),
})

/** One secret to send; the receiver accepts two during a rotation. */
function bearerToken(about: string) {
  return setting({
    about,
    expected: 'the token that experimentation accepts',
    read: (token) =>
      /^[\x21-\x7e]{16,}$/.test(token) && !token.includes(',')
        ? { ok: token }
        : { wrong: 'is not one token of at least 16 printable characters' },
  })
}
