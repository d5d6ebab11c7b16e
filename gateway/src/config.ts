import { fileURLToPath } from 'node:url'
import {
  ConfigError,
  developmentSecrets,
  type Environment,
  parseConfig,
  refuseProblems,
  serviceSettings,
} from '@bulkhead/service/config/config'
import {
  count,
  httpUrl,
  milliseconds,
  oneOf,
  optionalText,
  secretList,
  text,
} from '@bulkhead/service/config/setting'
import { z } from 'zod'
import { IDENTITY_SETTINGS, identityConfig, identityProblems } from './identity/identity-settings.ts'
import { LIMIT_SETTINGS, operationLimits } from './limits/limit-settings.ts'
import { PERSISTED_SETTINGS, persistedOperationsOf } from './persisted-operations/persisted-settings.ts'
import { PROTECTION_SETTINGS, protectionOf } from './protection/protection-settings.ts'
import type { OwnSubgraph } from './supergraph/subgraph-endpoints.ts'

const COMMITTED_SUPERGRAPH = fileURLToPath(new URL('../../schema/supergraph.graphql', import.meta.url))
const HOUR_MS = 3_600_000

/** The gateway's environment variables. */
export const SETTINGS = z.object({
  ...serviceSettings({ port: 4000 }),
  GATEWAY_SECRET: secretList({
    about:
      'What the gateway sends to our own subgraphs, and to no other: one secret. `npm run gateway` does not require it.',
  }),
  ...IDENTITY_SETTINGS,
  PERSONALIZATION_URL: httpUrl({
    about: "Personalization's GraphQL endpoint.",
    default: 'http://127.0.0.1:4001/graphql',
  }),
  EXPERIMENTATION_URL: httpUrl({
    about: "Experimentation's GraphQL endpoint.",
    default: 'http://127.0.0.1:4002/graphql',
  }),
  ENTITY_DEADLINE_MS: milliseconds({
    about:
      "How long a plain answer waits for what another subgraph adds to an entity, such as a slate's exposures. With `npm run gateway` it is ROOT_DEADLINE_MS unless set.",
    min: 1,
    max: 60_000,
    default: 150,
  }),
  ROOT_DEADLINE_MS: milliseconds({
    about: 'How long an answer waits for its root fields.',
    min: 1,
    max: 120_000,
    default: 5_000,
  }),
  DEFERRED_DEADLINE_MS: milliseconds({
    about:
      'How long deferred parts (`@defer`) may take from the start of a request; nobody waits for them, so this is longer.',
    min: 1,
    max: 120_000,
    default: 10_000,
  }),
  MAX_FETCHES_IN_FLIGHT: count({
    about: 'Fetches to one subgraph at the same time, each over a connection of its own; further ones wait.',
    min: 1,
    max: 100_000,
    default: 256,
  }),
  MAX_QUEUED_FETCHES: count({
    about:
      'Fetches to one subgraph that wait, within their deadlines, for one of the MAX_FETCHES_IN_FLIGHT to end; further ones fail at once as `SUBGRAPH_UNAVAILABLE`.',
    min: 0,
    max: 100_000,
    default: 512,
  }),
  SUPERGRAPH_PATH: text({
    about: 'Where the supergraph SDL is: a file or an http(s) URL. It is loaded again when it changes.',
    expected: 'the path or the URL of a supergraph SDL',
    default: COMMITTED_SUPERGRAPH,
    shownDefault: 'schema/supergraph.graphql',
  }),
  SUPERGRAPH_POLL_MS: milliseconds({
    about: 'How often the gateway looks whether the supergraph has changed.',
    min: 50,
    max: HOUR_MS,
    default: 1_000,
  }),
  ...LIMIT_SETTINGS,
  ...PROTECTION_SETTINGS,
  ...PERSISTED_SETTINGS,
  ACCESS_LOG: oneOf(['on', 'off', 'variables'], {
    about:
      'Whether each request to `/graphql` is one line of the log, at `info`. `variables` logs those too, whatever they hold.',
    wrong: 'is not a kind of access log',
    default: 'on',
  }),
  USAGE_FILE: optionalText({
    about:
      'The file to which operation usage is appended: which operations are used, by whom and how often. Each replica needs one of its own.',
    expected: 'a file that this process may write',
  }),
  USAGE_INTERVAL_MS: milliseconds({
    about: 'How often operation usage is written; a process that is killed loses what it has seen since.',
    min: 100,
    max: HOUR_MS,
    default: 10_000,
  }),
})

const STANDALONE_SETTINGS = SETTINGS.extend({
  GATEWAY_SECRET: SETTINGS.shape.GATEWAY_SECRET.optional(),
  IDENTITY_SIGNING_KEY_ID: SETTINGS.shape.IDENTITY_SIGNING_KEY_ID.optional(),
  IDENTITY_SIGNING_KEY: SETTINGS.shape.IDENTITY_SIGNING_KEY.optional(),
})

type Settings = z.output<typeof STANDALONE_SETTINGS>

/**
 * The settings of the gateway in front of our own subgraphs.
 * @throws {ConfigError} with every problem at once
 */
export function loadConfig(env: Environment = process.env): Config {
  const settings = parseConfig(SETTINGS, env)
  return configOf(settings, {
    entityMs: settings.ENTITY_DEADLINE_MS,
    replaces: () => 'always',
    alone: false,
    env,
  })
}

/** The options of `npm run gateway`, as they were written. */
export type StandaloneOptions = {
  readonly supergraph?: string
  readonly port?: string
  readonly host?: string
}

/**
 * The settings of a gateway in front of any supergraph. An option wins over the variable that it stands for. No secret is
 * needed. Entity fetches get the time of root fetches unless ENTITY_DEADLINE_MS is set, because its default is meant for
 * our own exposures. The URLs of our own subgraphs count where they are set, and where the supergraph has a placeholder.
 * @throws {ConfigError} with every problem at once
 */
export function loadStandaloneConfig(options: StandaloneOptions, env: Environment = process.env): Config {
  const { supergraph = env.SUPERGRAPH_PATH, port = env.PORT, host = env.HOST } = options
  if (supergraph === undefined) {
    throw new ConfigError([
      'the supergraph is missing (give --supergraph URL_OR_FILE, or set SUPERGRAPH_PATH)',
    ])
  }
  const settings = parseConfig(STANDALONE_SETTINGS, {
    ...env,
    SUPERGRAPH_PATH: supergraph,
    PORT: port,
    HOST: host,
  })
  const isSet = (name: string) => env[name] !== undefined
  return configOf(settings, {
    entityMs: isSet('ENTITY_DEADLINE_MS') ? settings.ENTITY_DEADLINE_MS : settings.ROOT_DEADLINE_MS,
    replaces: (name) => (isSet(name) ? 'always' : 'placeholder'),
    alone: true,
    env,
  })
}

export type Config = ReturnType<typeof configOf>

function configOf(
  settings: Settings,
  differing: {
    readonly entityMs: number
    readonly replaces: (variable: keyof Settings) => OwnSubgraph['replaces']
    /** Whether this is `npm run gateway`. */
    readonly alone: boolean
    readonly env: Environment
  },
) {
  const { entityMs, replaces, alone, env } = differing
  const [gatewaySecret = null, ...more] = settings.GATEWAY_SECRET ?? []
  refuseProblems([
    ...(more.length > 0
      ? ['GATEWAY_SECRET: holds several secrets (set the one that the gateway sends)']
      : []),
    ...developmentSecrets({ GATEWAY_SECRET: settings.GATEWAY_SECRET }, settings.NODE_ENV),
    ...identityProblems(settings, { nodeEnv: settings.NODE_ENV, host: settings.HOST, env, alone }),
  ])
  const ownSubgraphs: ReadonlyMap<string, OwnSubgraph> = new Map([
    ['personalization', { url: settings.PERSONALIZATION_URL, replaces: replaces('PERSONALIZATION_URL') }],
    ['experimentation', { url: settings.EXPERIMENTATION_URL, replaces: replaces('EXPERIMENTATION_URL') }],
  ])
  return Object.freeze({
    host: settings.HOST,
    port: settings.PORT,
    logLevel: settings.LOG_LEVEL,
    /** A path or a URL. */
    supergraphPath: settings.SUPERGRAPH_PATH,
    supergraphPollMs: settings.SUPERGRAPH_POLL_MS,
    /** By the subgraph's name in the supergraph. */
    ownSubgraphs,
    /** Whether the graph is that of our own subgraphs, and not any. */
    servesOwnGraph: !alone,
    /** What our own subgraphs get. Null only where the gateway stands alone. */
    gatewaySecret,
    identity: identityConfig(settings),
    deadlines: {
      entityMs,
      rootMs: settings.ROOT_DEADLINE_MS,
      deferredMs: settings.DEFERRED_DEADLINE_MS,
    },
    /** For each subgraph. */
    maxFetchesInFlight: settings.MAX_FETCHES_IN_FLIGHT,
    /** For each subgraph. */
    maxQueuedFetches: settings.MAX_QUEUED_FETCHES,
    maxBodyBytes: settings.MAX_BODY_BYTES,
    operationLimits: operationLimits(settings),
    protection: protectionOf(settings),
    persistedOperations: persistedOperationsOf(settings),
    accessLog: settings.ACCESS_LOG,
    /** Nothing is recorded where the path is null. */
    usage: { path: settings.USAGE_FILE, intervalMs: settings.USAGE_INTERVAL_MS },
    drainTimeoutMs: settings.DRAIN_TIMEOUT_MS,
  })
}

/** The npm script that this process runs, or is a part of; undefined where npm did not start it. */
export function npmScript(env: Environment = process.env): string | undefined {
  return env.npm_lifecycle_script
}
