import { readFile } from 'node:fs/promises'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { enforceAuthorization } from '@bulkhead/service/graphql/authorization'
import { scalarResolvers } from '@bulkhead/service/graphql/scalars'
import { type GraphQLSchema, parse } from 'graphql'
import { catalogueResolvers } from './catalogue-resolvers.ts'
import { erasureResolvers } from './erasure-resolvers.ts'
import { interactionResolvers } from './interaction-resolvers.ts'
import { modelResolvers } from './model-resolvers.ts'
import type { Resolvers } from './resolver-types.generated.ts'
import { slateResolvers } from './slate-resolvers.ts'

/** The type names every resolver that the SDL asks for: a feature that is left out does not compile. */
const resolvers: Resolvers = {
  ...scalarResolvers,
  ...slateResolvers,
  ...catalogueResolvers,
  ...interactionResolvers,
  ...modelResolvers,
  Mutation: {
    ...interactionResolvers.Mutation,
    ...erasureResolvers.Mutation,
    ...modelResolvers.Mutation,
  },
  Query: {
    ...slateResolvers.Query,
    ...catalogueResolvers.Query,
    ...interactionResolvers.Query,
    ...modelResolvers.Query,
  },
}

/** The subgraph's executable schema, from the SDL that it owns. */
export async function loadSchema(): Promise<GraphQLSchema> {
  const typeDefs = parse(await readFile(new URL('../schema.graphql', import.meta.url), 'utf8'))
  return enforceAuthorization(buildSubgraphSchema([{ typeDefs, resolvers: { ...resolvers } }]))
}
