import { requireIdentity } from '@bulkhead/service/graphql/authorization'
import type { LifecycleAction } from '../domain/lifecycle.ts'
import type { ExperimentResult } from '../services/experiment-service.ts'
import { experimentConnection } from './connections.ts'
import type { GraphqlContext } from './context.ts'
import { readExperimentKey } from './references.ts'
import type { ExperimentActionInput, Resolvers, ResolversTypes } from './resolver-types.generated.ts'
import { toUserErrors } from './user-errors.ts'

export const experimentResolvers = {
  Query: {
    experiment: (_, { key }, { loaders }) => loaders.experiments.load(key),
    experiments: (_, args, { reader }) => experimentConnection(args, reader),
  },

  Mutation: {
    createExperiment: async (_, { input }, { experiments, identity }) =>
      toPayload(await experiments.create(input, requireIdentity(identity).subject)),
    startExperiment: (_, { input }, context) => step('start', input, context),
    pauseExperiment: (_, { input }, context) => step('pause', input, context),
    resumeExperiment: (_, { input }, context) => step('resume', input, context),
    stopExperiment: (_, { input }, context) => step('stop', input, context),
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

async function step(
  action: LifecycleAction,
  input: ExperimentActionInput,
  { experiments, identity }: GraphqlContext,
): Promise<ResolversTypes['ExperimentPayload']> {
  return toPayload(await experiments.step({ ...input, action, by: requireIdentity(identity).subject }))
}

function toPayload(result: ExperimentResult): ResolversTypes['ExperimentPayload'] {
  return result.type === 'accepted'
    ? { experiment: result.experiment, errors: [] }
    : { experiment: null, errors: toUserErrors(result.refusal) }
}
