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
  if (typeof header !== 'string' || header === '') return null
  // A copy, because a slice would keep the whole header in memory for as long as somebody keeps the name.
  return header.length <= MAX_LENGTH ? header : Buffer.from(header.slice(0, MAX_LENGTH)).toString()
}
