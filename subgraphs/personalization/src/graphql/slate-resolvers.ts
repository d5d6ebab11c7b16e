import { requireUser } from '@bulkhead/service/graphql/authorization'
import type { Slate } from '../domain/slate.ts'
import { parseIdentifier, parseRecommendationsArgs } from './arguments.ts'
import { slateItemConnection } from './connections.ts'
import type { GraphqlContext } from './context.ts'
import { byReference } from './references.ts'
import type { Resolvers } from './resolver-types.generated.ts'

export const slateResolvers = {
  Query: {
    async recommendations(_, args, context) {
      requireUser(context.identity, args.userId)
      const request = parseRecommendationsArgs(args)
      const overrides = context.qaOverrides.read(args.qaOverrides, request.userId)
      const slate = await context.recommendations.recommend({ ...request, overrides })
      primeFromMemory(slate, context)
      return slate
    },
    slate: (_, { id }, context) => loadOwnSlate(parseIdentifier('id', id), context),
  },

  RecommendationSlate: {
    __resolveReference: ({ id }, context) => byReference(id, (known) => loadOwnSlate(known, context)),
    items: (slate, args) => slateItemConnection(slate, args),
    modelVersion: ({ modelVersionId }, _, { loaders }) =>
      modelVersionId === null ? null : loaders.modelVersions.load(modelVersionId),
    user: ({ userId }) => ({ id: userId }),
  },

  RecommendedItemConnection: {
    nodes: ({ edges }, _, { loaders }) => edges.map(({ item }) => loaders.items.load(item.itemId)),
  },

  RecommendedItemEdge: {
    itemId: ({ item }) => item.itemId,
    node: ({ item }, _, { loaders }) => loaders.items.load(item.itemId),
    score: ({ item }) => item.score,
    source: ({ item }) => item.source,
    propensity: ({ item }) => item.propensity,
    reason: ({ item }) => item.reason,
  },

  Reason: {
    item: ({ itemId }, _, { loaders }) => (itemId === null ? null : loaders.items.load(itemId)),
  },
} satisfies Partial<Resolvers>

/** A slate shows what its user is like, so it is for that user and for who acts for users. */
async function loadOwnSlate(id: string, { loaders, identity }: GraphqlContext): Promise<Slate | null> {
  const slate = await loaders.slates.load(id)
  if (slate) requireUser(identity, slate.userId)
  return slate
}

/**
 * A new slate was made from what is in memory, so its items are taken from there too: without a round trip, and in full
 * even if the datastore is lost.
 */
function primeFromMemory(slate: Slate, { loaders, reader }: GraphqlContext): void {
  for (const { itemId, reason } of slate.items) {
    for (const id of [itemId, reason?.itemId ?? null]) {
      const item = id === null ? undefined : reader.itemInMemory(id)
      if (item !== undefined) loaders.items.prime(item.id, item)
    }
  }
  const version =
    slate.modelVersionId === null ? undefined : reader.modelVersionInMemory(slate.modelVersionId)
  if (version !== undefined) loaders.modelVersions.prime(version.id, version)
}
