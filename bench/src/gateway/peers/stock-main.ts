import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway'
import { ApolloServer } from '@apollo/server'
import fastifyApollo from '@as-integrations/fastify'
import { GATEWAY_SECRET_HEADER } from '@bulkhead/service/secrets'
import fastify from 'fastify'

/** A gateway as Apollo's documentation sets it up, everything at its default. */
const { values } = parseArgs({
  options: {
    supergraph: { type: 'string', default: '' },
    port: { type: 'string', default: '' },
    /** What our own subgraphs want to see. */
    secret: { type: 'string' },
  },
})

const { secret } = values

/** The data source that the gateway uses by default, with one header more. */
function withSecret(url: string, sent: string): RemoteGraphQLDataSource {
  return new RemoteGraphQLDataSource({
    url,
    willSendRequest: ({ request }) => request.http?.headers.set(GATEWAY_SECRET_HEADER, sent),
  })
}

const server = new ApolloServer({
  gateway: new ApolloGateway({
    supergraphSdl: readFileSync(values.supergraph, 'utf8'),
    ...(secret === undefined ? {} : { buildService: ({ url = '' }) => withSecret(url, secret) }),
  }),
})
await server.start()
const app = fastify()
await app.register(fastifyApollo(server))
await app.listen({ host: '127.0.0.1', port: Number(values.port) })
