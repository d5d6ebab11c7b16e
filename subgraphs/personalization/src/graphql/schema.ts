import { buildSubgraphSchema } from '@apollo/subgraph'
import type { GraphQLSchema } from 'graphql'
import { parse } from 'graphql'
import { resolvers } from './resolvers.ts'

/** @param sdl `schema.graphql`, read by whoever may read files */
export function createSchema(sdl: string): GraphQLSchema {
  return buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers: { ...resolvers } }])
}
