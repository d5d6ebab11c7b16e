import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway'
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import { GATEWAY_SECRET_HEADER } from '@bulkhead/service/secrets'

/** A gateway as Apollo's documentation sets it up: everything at its default. */
const { values } = parseArgs({
  options: {
    supergraph: { type: 'string', default: '' },
    port: { type: 'string', default: '' },
    /** What our own subgraphs want to see. */
    secret: { type: 'string' },
  },
})
const { secret } = values
const gateway = new ApolloGateway({
  supergraphSdl: readFileSync(values.supergraph, 'utf8'),
  ...(secret === undefined
    ? {}
    : {
        buildService: ({ url }: { url?: string }) =>
          new RemoteGraphQLDataSource({
            ...(url === undefined ? {} : { url }),
            willSendRequest: ({ request }) => request.http?.headers.set(GATEWAY_SECRET_HEADER, secret),
          }),
      }),
})
await startStandaloneServer(new ApolloServer({ gateway }), {
  listen: { host: '127.0.0.1', port: Number(values.port) },
})
