import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { encodePrivateKey } from '@bulkhead/contracts'
import { ENTRY_POINTS } from '@bulkhead/dev/environment'
import type { Peer } from './peer.ts'

export const OURS = 'bulkhead'

/** @param options.profileFolder where Node writes a CPU profile when the gateway ends; null for none */
export function ourGateway(options: {
  readonly profileFolder: string | null
  readonly entityDeadlineMs: number
}): Peer {
  const { profileFolder, entityDeadlineMs } = options
  return {
    name: OURS,
    configured: `ENTITY_DEADLINE_MS=${entityDeadlineMs}, a rate limit that is never reached, otherwise its defaults`,
    path: '/graphql',
    enforcesAccess: true,
    program: ({ port, supergraphPath, subgraphUrls, trust, provider }) => ({
      args: [
        ...(profileFolder === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`]),
        fileURLToPath(ENTRY_POINTS.gateway),
      ],
      env: {
        NODE_ENV: 'production',
        PORT: String(port),
        SUPERGRAPH_PATH: supergraphPath,
        PERSONALIZATION_URL: subgraphUrls.personalization,
        EXPERIMENTATION_URL: subgraphUrls.experimentation,
        GATEWAY_SECRET: trust?.gatewaySecret ?? randomBytes(24).toString('base64url'),
        IDENTITY_SIGNING_KEY_ID: trust?.identityKeyId ?? 'bench',
        IDENTITY_SIGNING_KEY:
          trust?.identityKey ?? encodePrivateKey(generateKeyPairSync('ed25519').privateKey),
        ...provider,
        ENTITY_DEADLINE_MS: String(entityDeadlineMs),
        // It is on, so that it is measured, and so high that it refuses nothing.
        RATE_LIMIT_PER_SECOND: '1000000',
        RATE_LIMIT_BURST: '1000000',
      },
    }),
  }
}
