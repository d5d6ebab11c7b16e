import { fileURLToPath } from 'node:url'
import {
  ConfigError,
  count,
  httpUrl,
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

const COMMITTED_SUPERGRAPH = fileURLToPath(new URL('../../schema/supergraph.graphql', import.meta.url))
const HOUR_MS = 3_600_000

const schema = z.object({
  NODE_ENV: nodeEnv(),
  HOST: text({ expected: 'an address to listen on', default: '127.0.0.1' }),
  PORT: port(4000),
  LOG_LEVEL: logLevel(),
  SUPERGRAPH_PATH: text({ expected: 'the path of a supergraph SDL file', default: COMMITTED_SUPERGRAPH }),
  SUPERGRAPH_POLL_MS: milliseconds({ min: 50, max: HOUR_MS, default: 1_000 }),
  PERSONALIZATION_URL: httpUrl('http://127.0.0.1:4001/graphql'),
  EXPERIMENTATION_URL: httpUrl('http://127.0.0.1:4002/graphql'),
  GATEWAY_SECRET: secretList(),
  ENTITY_DEADLINE_MS: milliseconds({ min: 1, max: 60_000, default: 150 }),
  ROOT_DEADLINE_MS: milliseconds({ min: 1, max: 120_000, default: 5_000 }),
  MAX_FETCHES_IN_FLIGHT: count({ min: 1, max: 100_000, default: 256 }),
  DRAIN_TIMEOUT_MS: milliseconds({ min: 0, max: 600_000, default: 10_000 }),
})

/** @throws {ConfigError} with every problem at once. */
export const loadConfig = (env: Readonly<Record<string, string | undefined>> = process.env) => {
  const settings = parseConfig(schema, env)
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
    drainTimeoutMs: settings.DRAIN_TIMEOUT_MS,
  })
}

export type Config = ReturnType<typeof loadConfig>

/** Apollo's gateway reports to its vendor unless this is set before it loads; ours reports to nobody unasked. */
export const disableVendorTelemetry = (env: NodeJS.ProcessEnv = process.env): void => {
  env.APOLLO_TELEMETRY_DISABLED ??= '1'
}
