import { parseIdentifier } from './arguments.ts'
import { interactionConnection } from './connections.ts'
import { byReference } from './references.ts'
import type { Resolvers } from './resolver-types.generated.ts'
import { toUserError } from './user-errors.ts'

export const interactionResolvers = {
  Query: {
    user: (_, { id }) => ({ id: parseIdentifier('id', id) }),
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

  User: {
    __resolveReference: ({ id }) => byReference(id, (known) => ({ id: known })),
    interactions: ({ id }, args, { reader }) => interactionConnection(id, args, reader),
  },

  Interaction: {
    item: ({ itemId }, _, { loaders }) => loaders.items.load(itemId),
  },
} satisfies Partial<Resolvers>
