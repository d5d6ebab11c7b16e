import { identifierSchema } from '@bulkhead/contracts'
import { scalarResolvers } from '@bulkhead/service/graphql/scalars'
import type { Slate } from '../domain/slate.ts'
import { parseIdentifier, parseRecommendationsArgs } from './arguments.ts'
import {
  interactionConnection,
  itemConnection,
  modelVersionConnection,
  slateItemConnection,
} from './connections.ts'
import type { GraphqlContext } from './context.ts'
import type { Resolvers } from './resolver-types.generated.ts'
import { toUserError } from './user-errors.ts'

export const resolvers: Resolvers = {
  ...scalarResolvers,

  Query: {
    async recommendations(_, args, context) {
      const slate = await context.recommendations.recommend(parseRecommendationsArgs(args))
      primeFromMemory(slate, context)
      return slate
    },
    slate: (_, { id }, { loaders }) => loaders.slates.load(parseIdentifier('id', id)),
    item: (_, { id }, { loaders }) => loaders.items.load(parseIdentifier('id', id)),
    items: (_, args, { reader }) => itemConnection(args, reader),
    user: (_, { id }) => ({ id: parseIdentifier('id', id) }),
    modelVersion: (_, { id }, { loaders }) => loaders.modelVersions.load(parseIdentifier('id', id)),
    modelVersions: (_, args, { reader }) => modelVersionConnection(args, reader),
  },

  Mutation: {
    async recordInteractions(_, { input }, { interactions }) {
      const result = await interactions.recordInteractions(
        input.interactions.map((one) => ({
          ...one,
          slateId: one.slateId ?? null,
          value: one.value ?? null,
          occurredAt: one.occurredAt ?? null,
        })),
      )
      return { accepted: result.accepted, errors: result.refusals.map(toUserError) }
    },
  },

  RecommendationSlate: {
    __resolveReference: ({ id }, { loaders }) => byReference(id, (known) => loaders.slates.load(known)),
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

  Item: {
    __resolveReference: ({ id }, { loaders }) => byReference(id, (known) => loaders.items.load(known)),
  },

  User: {
    __resolveReference: ({ id }) => byReference(id, (known) => ({ id: known })),
    interactions: ({ id }, args, { reader }) => interactionConnection(id, args, reader),
  },

  Interaction: {
    item: ({ itemId }, _, { loaders }) => loaders.items.load(itemId),
  },

  ModelVersion: {
    __resolveReference: ({ id }, { loaders }) =>
      byReference(id, (known) => loaders.modelVersions.load(known)),
  },
}

/** Representations reach resolvers as they came over the wire; what cannot be an id names nothing. */
function byReference<T>(id: unknown, load: (id: string) => T): T | null {
  const parsed = identifierSchema.safeParse(id)
  return parsed.success ? load(parsed.data) : null
}

/**
 * A new slate was picked from memory a moment ago, and renders from the same memory: without a round trip, and in
 * full where the datastore is gone.
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
