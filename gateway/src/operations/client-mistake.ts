import type { ErrorDefinition } from '@bulkhead/service/errors'
import { GraphQLError } from 'graphql'

/** Messages quote names and values, and those may be as long as the request. */
const MAX_MESSAGE_LENGTH = 300

/** An error of graphql-js as a client sees it: with a code, and a message of bounded length. */
export function clientMistake(error: GraphQLError, { code }: Pick<ErrorDefinition, 'code'>): GraphQLError {
  const { message, nodes, source, positions } = error
  const shown = message.length > MAX_MESSAGE_LENGTH ? `${message.slice(0, MAX_MESSAGE_LENGTH)}…` : message
  return new GraphQLError(shown, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    extensions: { code },
  })
}
