import { requireUser } from '@bulkhead/service/graphql/authorization'
import type { Identity } from '@bulkhead/service/identity/identity'
import { parseIdentifier } from './arguments.ts'
import { interactionConnection } from './connections.ts'
import { byReference } from './references.ts'
import type { Resolvers } from './resolver-types.generated.ts'
import { toUserError } from './user-errors.ts'

export const interactionResolvers = {
  Query: {
    user: (_, { id }, { identity }) => ownUser(parseIdentifier('id', id), identity),
  },

  Mutation: {
    async recordInteractions(_, { input }, { interactions, identity }) {
      for (const { userId } of input.interactions) requireUser(identity, userId)
      const result = await interactions.recordInteractions(
        input.interactions.map((one) => ({
          ...one,
          slateId: one.slateId ?? null,
          value: one.value ?? null,
          occurredAt: one.occurredAt ?? null,
          hideCreator: one.hideCreator ?? false,
        })),
      )
      return { accepted: result.accepted, errors: result.refusals.map(toUserError) }
    },
  },

  User: {
    // A promise, because an error thrown here synchronously would fail the whole batch.
    __resolveReference: async ({ id }, { identity }) => byReference(id, (known) => ownUser(known, identity)),
    interactions: ({ id }, args, { reader }) => interactionConnection(id, args, reader),
  },

  Interaction: {
    item: ({ itemId }, _, { loaders }) => loaders.items.load(itemId),
    hiddenCreator: ({ hiddenCreator }) => hiddenCreator ?? null,
  },
} satisfies Partial<Resolvers>

function ownUser(id: string, identity: Identity | null): { readonly id: string } {
  requireUser(identity, id)
  return { id }
}
