import type { ExperimentResult } from '../services/experiment-service.ts'
import { toExperimentConnection, toExperimentQuery } from './experiment-query.ts'
import { readExperimentKey } from './references.ts'
import type {
  ExperimentResolvers,
  MutationResolvers,
  QueryResolvers,
  ResolversTypes,
  VariantResolvers,
} from './resolver-types.generated.ts'
import { toUserErrors } from './user-errors.ts'

type ExperimentQueries = Pick<QueryResolvers, 'experiment' | 'experiments'>

export const experimentQueries: ExperimentQueries = {
  experiment: (_root, { key }, { loaders }) => loaders.experiments.load(key),
  async experiments(_root, args, { experiments }) {
    const query = toExperimentQuery(args)
    const page = await experiments.find(query)
    return toExperimentConnection(page, query, () => experiments.count(query.filter))
  },
}

export const Mutation: MutationResolvers = {
  createExperiment: async (_root, { input }, { experiments }) => toPayload(await experiments.create(input)),
  startExperiment: async (_root, { input }, { experiments }) =>
    toPayload(await experiments.step({ ...input, action: 'start' })),
  pauseExperiment: async (_root, { input }, { experiments }) =>
    toPayload(await experiments.step({ ...input, action: 'pause' })),
  resumeExperiment: async (_root, { input }, { experiments }) =>
    toPayload(await experiments.step({ ...input, action: 'resume' })),
  stopExperiment: async (_root, { input }, { experiments }) =>
    toPayload(await experiments.step({ ...input, action: 'stop' })),
}

export const Experiment: ExperimentResolvers = {
  __resolveReference(reference, { loaders }) {
    const key = readExperimentKey(reference.key)
    return key === null ? null : loaders.experiments.load(key)
  },
  exposureCounts: ({ key }, { groupBy }, { loaders }) => loaders.exposureCounts(groupBy).load(key),
}

export const Variant: VariantResolvers = {
  modelVersion({ payload }) {
    const id = payload?.modelVersionId
    return typeof id === 'string' ? { id } : null
  },
}

function toPayload(result: ExperimentResult): ResolversTypes['ExperimentPayload'] {
  return result.type === 'accepted'
    ? { experiment: result.experiment, errors: [] }
    : { experiment: null, errors: toUserErrors(result.refusal) }
}
