import { fileURLToPath } from 'node:url'
import {
  ConfigError,
  type Environment,
  parseConfig,
  refuseDevelopmentSecrets,
  serviceSettings,
} from '@bulkhead/service/config/config'
import { count, httpUrl, milliseconds, secretList, text } from '@bulkhead/service/config/setting'
import { z } from 'zod'

const COMMITTED_SUPERGRAPH = fileURLToPath(new URL('../../schema/supergraph.graphql', import.meta.url))
const HOUR_MS = 3_600_000

/** The gateway's environment variables. */
export const SETTINGS = z.object({
  ...serviceSettings({ port: 4000 }),
  GATEWAY_SECRET: secretList({ about: 'What the gateway sends to the subgraphs: one secret.' }),
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
      "How long a plain answer waits for what another subgraph adds to an entity, such as a slate's exposures.",
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
    about: 'The file of the supergraph SDL, loaded again when it changes.',
    expected: 'the path of a supergraph SDL file',
    default: COMMITTED_SUPERGRAPH,
    shownDefault: 'schema/supergraph.graphql',
  }),
  SUPERGRAPH_POLL_MS: milliseconds({
    about: 'How often the gateway looks whether that file has changed.',
    min: 50,
    max: HOUR_MS,
    default: 1_000,
  }),
})

/** @throws {ConfigError} with every problem at once. */
export function loadConfig(env: Environment = process.env) {
  const settings = parseConfig(SETTINGS, env)
  const [gatewaySecret, ...more] = settings.GATEWAY_SECRET
  if (gatewaySecret === undefined || more.length > 0) {
    throw new ConfigError(['GATEWAY_SECRET: holds several secrets (set the one that the gateway sends)'])
  }
  refuseDevelopmentSecrets({ GATEWAY_SECRET: gatewaySecret }, settings.NODE_ENV)
  return Object.freeze({
    host: settings.HOST,
    port: settings.PORT,
    logLevel: settings.LOG_LEVEL,
    supergraphPath: settings.SUPERGRAPH_PATH,
    supergraphPollMs: settings.SUPERGRAPH_POLL_MS,
    /** By the subgraph's name in the supergraph. */
    subgraphUrls: {
      personalization: settings.PERSONALIZATION_URL,
      experimentation: settings.EXPERIMENTATION_URL,
    } as Readonly<Record<string, string>>,
    gatewaySecret,
    deadlines: { entityMs: settings.ENTITY_DEADLINE_MS, rootMs: settings.ROOT_DEADLINE_MS },
    /** For each subgraph. */
    maxFetchesInFlight: settings.MAX_FETCHES_IN_FLIGHT,
    /** For each subgraph. */
    maxQueuedFetches: settings.MAX_QUEUED_FETCHES,
    drainTimeoutMs: settings.DRAIN_TIMEOUT_MS,
  })
}

export type Config = ReturnType<typeof loadConfig>

/** Apollo's gateway sends telemetry to its vendor unless this variable is set before it starts. */
export function disableVendorTelemetry(env: NodeJS.ProcessEnv = process.env): void {
  env.APOLLO_TELEMETRY_DISABLED ??= '1'
}
