import { join } from 'node:path'
import { encodePublicKey, parsePrivateKey } from '@bulkhead/contracts'
import { withDatabase } from '@bulkhead/datastore/datastore-url'
import { isLoopback } from '@bulkhead/service/loopback'
import type { DevelopmentSecrets } from './secrets.ts'

export const SERVICES = ['experimentation', 'personalization', 'gateway'] as const
export type ServiceName = (typeof SERVICES)[number]

export const SUBGRAPHS = ['experimentation', 'personalization'] as const
export type SubgraphName = (typeof SUBGRAPHS)[number]

const ROOT = new URL('../../', import.meta.url)

/** The file that each process runs. */
export const ENTRY_POINTS: Readonly<Record<ServiceName, URL>> = {
  experimentation: new URL('subgraphs/experimentation/src/main.ts', ROOT),
  personalization: new URL('subgraphs/personalization/src/main.ts', ROOT),
  gateway: new URL('gateway/src/main.ts', ROOT),
}

/** The command-line program of each subgraph: import, demo, reset. */
export const COMMAND_LINES: Readonly<Record<SubgraphName, URL>> = {
  experimentation: new URL('subgraphs/experimentation/src/cli.ts', ROOT),
  personalization: new URL('subgraphs/personalization/src/cli.ts', ROOT),
}

/** A service of somebody else that sends events of its own: docs/events.md. */
export const DEVELOPMENT_SERVICE = 'shop'

export type Topology = {
  readonly ports: Readonly<Record<ServiceName, number>>
  readonly dataDir: string
  /** Null for the embedded SQLite; otherwise a MongoDB URL, in which the database of each subgraph replaces the one that is there. */
  readonly mongodbUrl: string | null
}

/** The datastore URL of a subgraph: a file of its own, or a database of its own on the one MongoDB. */
export function datastoreUrl(name: SubgraphName, topology: Pick<Topology, 'dataDir' | 'mongodbUrl'>): string {
  if (topology.mongodbUrl === null) return `sqlite:${join(topology.dataDir, `${name}.db`)}`
  return withDatabase(topology.mongodbUrl, `bulkhead_${name}`)
}

/** Every setting that the three processes need to find and to trust each other. */
export function serviceEnvironment(
  name: ServiceName,
  topology: Topology,
  secrets: DevelopmentSecrets,
): Record<string, string> {
  const { ports } = topology
  const experimentation = `http://127.0.0.1:${ports.experimentation}`
  switch (name) {
    case 'experimentation':
      return {
        PORT: String(ports.experimentation),
        DATASTORE_URL: datastoreUrl('experimentation', topology),
        GATEWAY_SECRETS: secrets.gatewaySecret,
        IDENTITY_PUBLIC_KEYS: identityPublicKeys(secrets),
        EVENTS_WRITE_TOKENS: secrets.eventsWriteToken,
        EVENT_SOURCES: `${DEVELOPMENT_SERVICE}:${secrets.shopToken}`,
        SNAPSHOT_READ_TOKENS: secrets.snapshotReadToken,
        SNAPSHOT_SIGNING_KEY_ID: secrets.signingKeyId,
        SNAPSHOT_SIGNING_KEY: secrets.signingKey,
      }
    case 'personalization':
      return {
        PORT: String(ports.personalization),
        DATASTORE_URL: datastoreUrl('personalization', topology),
        GATEWAY_SECRETS: secrets.gatewaySecret,
        IDENTITY_PUBLIC_KEYS: identityPublicKeys(secrets),
        EXPERIMENTATION_URL: experimentation,
        EVENTS_WRITE_TOKEN: secrets.eventsWriteToken,
        SNAPSHOT_READ_TOKEN: secrets.snapshotReadToken,
        SNAPSHOT_PUBLIC_KEYS: `${secrets.signingKeyId}:${secrets.publicKey}`,
      }
    case 'gateway':
      return {
        PORT: String(ports.gateway),
        GATEWAY_SECRET: secrets.gatewaySecret,
        IDENTITY_SIGNING_KEY_ID: secrets.identityKeyId,
        IDENTITY_SIGNING_KEY: secrets.identityKey,
        PERSONALIZATION_URL: `http://127.0.0.1:${ports.personalization}/graphql`,
        EXPERIMENTATION_URL: `${experimentation}/graphql`,
        // All requests come from this machine, and some of them from load generators.
        RATE_LIMIT_PER_SECOND: '0',
      }
  }
}

function identityPublicKeys({ identityKeyId, identityKey }: DevelopmentSecrets): string {
  return `${identityKeyId}:${encodePublicKey(parsePrivateKey(identityKey))}`
}

/** Whether this is a development machine, by the launcher's own environment. */
export function isDevelopment({
  NODE_ENV = 'development',
}: Readonly<Record<string, string | undefined>>): boolean {
  return NODE_ENV === 'development'
}

/** Who requests without a token are. */
const DEVELOPER = 'dev'

/**
 * The gateway's settings for development: tokens of `npm run token`, and the developer's identity for requests without
 * one. No such identity where others can reach the gateway, and neither where NODE_ENV says that this is not a
 * development machine: there requests without a token are anonymous.
 * @param env the launcher's own environment
 */
export function developmentIdentity(
  env: Readonly<Record<string, string | undefined>>,
  { tokenSecret }: DevelopmentSecrets,
): Record<string, string> {
  const { NODE_ENV = 'development', HOST } = env
  if (!isDevelopment(env)) return {}
  const tokens = { DEV_TOKEN_SECRET: tokenSecret }
  return HOST === undefined || isLoopback(HOST) ? { ...tokens, NODE_ENV, DEV_IDENTITY: DEVELOPER } : tokens
}

/** The same for one subgraph on a datastore of its own, where no other service has to be found. */
export function environmentAlone(
  name: SubgraphName,
  options: { readonly datastoreUrl: string; readonly secrets: DevelopmentSecrets; readonly port?: number },
): Record<string, string> {
  const { datastoreUrl: url, secrets, port = 1 } = options
  const ports = { gateway: 1, personalization: 1, experimentation: 1, [name]: port }
  return {
    ...serviceEnvironment(name, { ports, dataDir: '.', mongodbUrl: null }, secrets),
    DATASTORE_URL: url,
  }
}
