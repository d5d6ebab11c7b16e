import { readFile } from 'node:fs/promises'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { scalarResolvers } from '@bulkhead/service/scalars'
import { type GraphQLSchema, parse } from 'graphql'
import { Assignment, assignmentQueries, Exposure, RecommendationSlate, User } from './assignment-resolvers.ts'
import { Experiment, experimentQueries, Mutation, Variant } from './experiment-resolvers.ts'
import type { Resolvers } from './resolver-types.generated.ts'

const resolvers: Omit<Resolvers, 'DateTime' | 'JSON'> = {
  Query: { ...experimentQueries, ...assignmentQueries },
  Mutation,
  Assignment,
  Experiment,
  Exposure,
  RecommendationSlate,
  User,
  Variant,
}

/** The subgraph's executable schema, from the SDL that it owns. */
export async function loadSchema(): Promise<GraphQLSchema> {
  const typeDefs = parse(await readFile(new URL('../schema.graphql', import.meta.url), 'utf8'))
  return buildSubgraphSchema([{ typeDefs, resolvers: { ...scalarResolvers, ...resolvers } }])
}
