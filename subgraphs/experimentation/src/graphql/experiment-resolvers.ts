import type { ExperimentResult } from '../services/experiment-service.ts'
import { experimentConnection } from './connections.ts'
import { readExperimentKey } from './references.ts'
import type { Resolvers, ResolversTypes } from './resolver-types.generated.ts'
import { toUserErrors } from './user-errors.ts'

export const experimentResolvers = {
  Query: {
    experiment: (_, { key }, { loaders }) => loaders.experiments.load(key),
    experiments: (_, args, { reader }) => experimentConnection(args, reader),
  },

  Mutation: {
    createExperiment: async (_, { input }, { experiments }) => toPayload(await experiments.create(input)),
    startExperiment: async (_, { input }, { experiments }) =>
      toPayload(await experiments.step({ ...input, action: 'start' })),
    pauseExperiment: async (_, { input }, { experiments }) =>
      toPayload(await experiments.step({ ...input, action: 'pause' })),
    resumeExperiment: async (_, { input }, { experiments }) =>
      toPayload(await experiments.step({ ...input, action: 'resume' })),
    stopExperiment: async (_, { input }, { experiments }) =>
      toPayload(await experiments.step({ ...input, action: 'stop' })),
  },

  Experiment: {
    __resolveReference(reference, { loaders }) {
      const key = readExperimentKey(reference.key)
      return key === null ? null : loaders.experiments.load(key)
    },
    exposureCounts: ({ key }, { groupBy }, { loaders }) => loaders.exposureCounts(groupBy).load(key),
  },

  Variant: {
    modelVersion({ payload }) {
      const id = payload?.modelVersionId
      return typeof id === 'string' ? { id } : null
    },
  },
} satisfies Partial<Resolvers>

function toPayload(result: ExperimentResult): ResolversTypes['ExperimentPayload'] {
  return result.type === 'accepted'
    ? { experiment: result.experiment, errors: [] }
    : { experiment: null, errors: toUserErrors(result.refusal) }
}
