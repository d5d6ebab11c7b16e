import type { IncomingHttpHeaders } from 'node:http'

/** What a client says of itself. Nobody checks it, so it decides nothing. */
export type ClientName = { readonly name: string | null; readonly version: string | null }

const MAX_LENGTH = 100
const UNKNOWN: ClientName = { name: null, version: null }

/** As Apollo's clients send it, or as GraphQL Hive documents it. */
export function clientNameOf(headers: IncomingHttpHeaders): ClientName {
  const name = headers['apollographql-client-name'] ?? headers['graphql-client-name']
  const version = headers['apollographql-client-version'] ?? headers['graphql-client-version']
  return name === undefined && version === undefined ? UNKNOWN : { name: read(name), version: read(version) }
}

function read(header: string | readonly string[] | undefined): string | null {
  return typeof header === 'string' && header !== '' ? header.slice(0, MAX_LENGTH) : null
}
