import { fileURLToPath } from 'node:url'
import type { Peer } from './peer.ts'

const MAIN = fileURLToPath(new URL('./stock-main.ts', import.meta.url))

export const STOCK_GATEWAY: Peer = {
  name: 'apollo-gateway',
  configured:
    'ApolloServer and ApolloGateway at their defaults, over Fastify (faster than the standalone server), telemetry off',
  path: '/graphql',
  program: ({ port, supergraphPath, trust }) => ({
    args: [
      MAIN,
      ...['--port', String(port), '--supergraph', supergraphPath],
      ...(trust === null ? [] : ['--headers', JSON.stringify(trust.headers)]),
    ],
    env: { NODE_ENV: 'production', APOLLO_TELEMETRY_DISABLED: '1' },
  }),
}
