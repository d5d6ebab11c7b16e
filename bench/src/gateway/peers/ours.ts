import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { ENTRY_POINTS } from '@bulkhead/dev/environment'
import type { Peer } from './peer.ts'

export const OURS = 'bulkhead'

/** @param profileFolder where Node writes a CPU profile when the gateway ends; null for none */
export function ourGateway(profileFolder: string | null): Peer {
  return {
    name: OURS,
    configured: 'ENTITY_DEADLINE_MS=5000, so that a busy machine costs no exposures',
    path: '/graphql',
    program: ({ port, supergraphPath, subgraphUrls, gatewaySecret }) => ({
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
        GATEWAY_SECRET: gatewaySecret ?? randomBytes(24).toString('base64url'),
        ENTITY_DEADLINE_MS: '5000',
      },
    }),
  }
}
