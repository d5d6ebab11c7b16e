import type { Resolvers } from './resolver-types.generated.ts'
import { invalidIdentifier } from './user-errors.ts'

export const erasureResolvers = {
  Mutation: {
    async eraseUser(_, { input }, { erasures, identity }) {
      // The schema asks for a scope, so there is an identity.
      const result = await erasures.erase(input.userId, identity?.subject ?? 'unknown')
      return result.type === 'refused'
        ? { interactions: 0, slates: 0, errors: [invalidIdentifier(['userId'])] }
        : { interactions: result.interactions, slates: result.slates, errors: [] }
    },
  },
} satisfies Partial<Resolvers>
