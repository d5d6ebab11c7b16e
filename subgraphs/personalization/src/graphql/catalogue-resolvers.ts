import { requireUser } from '@bulkhead/service/graphql/authorization'
import { parseIdentifier, parseSimilarItemsArgs } from './arguments.ts'
import { itemConnection } from './connections.ts'
import { byReference } from './references.ts'
import type { Resolvers } from './resolver-types.generated.ts'

export const catalogueResolvers = {
  Query: {
    item: (_, { id }, { loaders }) => loaders.items.load(parseIdentifier('id', id)),
    similarItems(_, args, { recommendations, identity }) {
      const request = parseSimilarItemsArgs(args)
      if (request.userId !== null) requireUser(identity, request.userId)
      return recommendations.similarItems(request)
    },
    items: (_, args, { reader }) => itemConnection(args, reader),
  },

  Item: {
    __resolveReference: ({ id }, { loaders }) => byReference(id, (known) => loaders.items.load(known)),
  },
} satisfies Partial<Resolvers>
