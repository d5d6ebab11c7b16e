import { requireIdentity } from '@bulkhead/service/graphql/authorization'
import { metricConnection } from './connections.ts'
import type { Resolvers } from './resolver-types.generated.ts'
import { toUserErrors } from './user-errors.ts'

export const metricResolvers = {
  Query: {
    metric: async (_, { key }, { loaders }) => (await loaders.metrics.load(key))?.versions.at(-1) ?? null,
    metrics: (_, args, { reader }) => metricConnection(args, reader),
  },

  Mutation: {
    async createMetric(_, { input }, { metrics, identity }) {
      const result = await metrics.define(input, requireIdentity(identity).subject)
      return result.type === 'accepted'
        ? { metric: result.metric, errors: [] }
        : { metric: null, errors: toUserErrors(result.refusal) }
    },
  },

  ExperimentMetric: {
    async metric({ metricKey, metricVersion }, _, { loaders }) {
      const found = (await loaders.metrics.load(metricKey))?.versions.find(
        ({ version }) => version === metricVersion,
      )
      // Metrics are never deleted, so a version that an experiment names is there.
      if (found === undefined) throw new Error(`metric ${metricKey} has no version ${metricVersion}`)
      return found
    },
  },
} satisfies Partial<Resolvers>
