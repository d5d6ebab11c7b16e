import { requireIdentity } from '@bulkhead/service/graphql/authorization'
import type { Layer } from '../domain/targeting/definitions.ts'
import type { Loaders } from './loaders.ts'
import type { Resolvers } from './resolver-types.generated.ts'
import { toUserErrors } from './user-errors.ts'

export const targetingResolvers = {
  Query: {
    layers: (_, __, { reader }) => reader.layers(),
    holdouts: (_, __, { reader }) => reader.holdouts(),
    savedGroups: (_, __, { reader }) => reader.savedGroups(),
  },

  Mutation: {
    async createLayer(_, { input }, { targeting, identity }) {
      const result = await targeting.createLayer(input, requireIdentity(identity).subject)
      return result.type === 'accepted'
        ? { layer: result.value, errors: [] }
        : { layer: null, errors: toUserErrors(result.refusal) }
    },
    async createHoldout(_, { input }, { targeting, identity }) {
      const result = await targeting.createHoldout(input, requireIdentity(identity).subject)
      return result.type === 'accepted'
        ? { holdout: result.value, errors: [] }
        : { holdout: null, errors: toUserErrors(result.refusal) }
    },
    async saveGroup(_, { input }, { targeting, identity }) {
      const result = await targeting.saveGroup(input, requireIdentity(identity).subject)
      return result.type === 'accepted'
        ? { savedGroup: result.value, errors: [] }
        : { savedGroup: null, errors: toUserErrors(result.refusal) }
    },
    async qaOverride(_, { input }, { targeting, identity }) {
      const result = await targeting.qaOverride({ ...input, by: requireIdentity(identity).subject })
      return result.type === 'accepted'
        ? { ...result.value, errors: [] }
        : { token: null, expiresAt: null, errors: toUserErrors(result.refusal) }
    },
  },

  Layer: {
    allocations: ({ key }, _, { loaders }) => loaders.layerAllocations.load(key),
  },

  Holdout: {
    layers: ({ layers }, _, { loaders }) => Promise.all(layers.map((key) => loadLayer(key, loaders))),
  },
} satisfies Partial<Resolvers>

/** Layers are never deleted, so one that is named is there. */
export async function loadLayer(key: string, loaders: Pick<Loaders, 'layers'>): Promise<Layer> {
  const layer = await loaders.layers.load(key)
  if (layer === null) throw new Error(`there is no layer "${key}"`)
  return layer
}
