import { readFile } from 'node:fs/promises'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { enforceAuthorization } from '@bulkhead/service/graphql/authorization'
import { scalarResolvers } from '@bulkhead/service/graphql/scalars'
import { type GraphQLSchema, parse } from 'graphql'
import { analysisResolvers } from './analysis-resolvers.ts'
import { assignmentResolvers } from './assignment-resolvers.ts'
import { bootstrapResolvers } from './bootstrap-resolvers.ts'
import { experimentResolvers } from './experiment-resolvers.ts'
import { exposureResolvers } from './exposure-resolvers.ts'
import { governanceResolvers } from './governance-resolvers.ts'
import { metricResolvers } from './metric-resolvers.ts'
import { planningResolvers } from './planning-resolvers.ts'
import type { Resolvers } from './resolver-types.generated.ts'
import { targetingResolvers } from './targeting-resolvers.ts'

/** The type requires every resolver that the SDL needs, so a missing feature does not compile. */
const resolvers: Resolvers = {
  ...scalarResolvers,
  ...experimentResolvers,
  ...assignmentResolvers,
  ...exposureResolvers,
  ...governanceResolvers,
  ...bootstrapResolvers,
  ...metricResolvers,
  ...targetingResolvers,
  ...analysisResolvers,
  // Both resolve fields of these.
  Experiment: { ...experimentResolvers.Experiment, ...analysisResolvers.Experiment },
  Decision: { ...governanceResolvers.Decision, ...analysisResolvers.Decision },
  Query: {
    ...experimentResolvers.Query,
    ...assignmentResolvers.Query,
    ...governanceResolvers.Query,
    ...bootstrapResolvers.Query,
    ...metricResolvers.Query,
    ...planningResolvers.Query,
    ...targetingResolvers.Query,
  },
  Mutation: {
    ...experimentResolvers.Mutation,
    ...metricResolvers.Mutation,
    ...targetingResolvers.Mutation,
    ...bootstrapResolvers.Mutation,
    ...analysisResolvers.Mutation,
  },
}

/** The subgraph's executable schema, from the SDL that it owns. */
export async function loadSchema(): Promise<GraphQLSchema> {
  const typeDefs = parse(await readFile(new URL('../schema.graphql', import.meta.url), 'utf8'))
  return enforceAuthorization(buildSubgraphSchema([{ typeDefs, resolvers: { ...resolvers } }]))
}
