import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway'
import { ApolloServer } from '@apollo/server'
import fastifyApollo from '@as-integrations/fastify'
import fastify from 'fastify'

/** A gateway as Apollo's documentation sets it up, everything at its default. */
const { values } = parseArgs({
  options: {
    supergraph: { type: 'string', default: '' },
    port: { type: 'string', default: '' },
    /** What our own subgraphs want to see, as JSON. */
    headers: { type: 'string' },
  },
})

const headers: Readonly<Record<string, string>> | null = values.headers ? JSON.parse(values.headers) : null

/** The data source that the gateway uses by default, with more headers. */
function withHeaders(url: string, sent: Readonly<Record<string, string>>): RemoteGraphQLDataSource {
  return new RemoteGraphQLDataSource({
    url,
    willSendRequest({ request }) {
      for (const [name, value] of Object.entries(sent)) request.http?.headers.set(name, value)
    },
  })
}

const server = new ApolloServer({
  gateway: new ApolloGateway({
    supergraphSdl: readFileSync(values.supergraph, 'utf8'),
    ...(headers === null ? {} : { buildService: ({ url = '' }) => withHeaders(url, headers) }),
  }),
})
await server.start()
const app = fastify()
await app.register(fastifyApollo(server))
await app.listen({ host: '127.0.0.1', port: Number(values.port) })
