import { requireIdentity } from '@bulkhead/service/graphql/authorization'
import { experimentSubject } from '../domain/audit/entry.ts'
import type { SimpleStep } from '../domain/steps.ts'
import type { ExperimentResult } from '../services/experiment-service.ts'
import { parsePlan } from './arguments.ts'
import { auditConnection, experimentConnection } from './connections.ts'
import type { GraphqlContext } from './context.ts'
import { readExperimentKey } from './references.ts'
import type { ExperimentActionInput, Resolvers, ResolversTypes } from './resolver-types.generated.ts'
import { loadLayer } from './targeting-resolvers.ts'
import { toUserErrors } from './user-errors.ts'

export const experimentResolvers = {
  Query: {
    experiment: (_, { key }, { loaders }) => loaders.experiments.load(key),
    experiments: (_, args, { reader }) => experimentConnection(args, reader),
  },

  Mutation: {
    createExperiment: async (_, { input }, { experiments, identity }) =>
      toPayload(
        await experiments.create(
          { ...input, plan: parsePlan(input.plan) },
          requireIdentity(identity).subject,
        ),
      ),
    updateExperiment: async (
      _,
      { input: { key, revision, reason, plan, ...edit } },
      { experiments, identity },
    ) =>
      toPayload(
        await experiments.edit({
          key,
          revision,
          reason,
          edit: { ...edit, plan: plan == null ? null : parsePlan(plan) },
          by: requireIdentity(identity).subject,
        }),
      ),
    submitForReview: (_, { input }, context) => step('submit', input, context),
    reviewExperiment: async (_, { input }, { experiments, identity }) =>
      toPayload(await experiments.review({ ...input, by: requireIdentity(identity).subject })),
    startExperiment: (_, { input }, context) => step('start', input, context),
    pauseExperiment: (_, { input }, context) => step('pause', input, context),
    resumeExperiment: (_, { input }, context) => step('resume', input, context),
    stopExperiment: (_, { input }, context) => step('stop', input, context),
    archiveExperiment: (_, { input }, context) => step('archive', input, context),
    recordDecision: async (_, { input: { key, revision, ...decision } }, { experiments, identity }) =>
      toPayload(
        await experiments.recordDecision({ key, revision, decision, by: requireIdentity(identity).subject }),
      ),
    reviewDecision: async (_, { input }, { experiments, identity }) =>
      toPayload(await experiments.reviewDecision({ ...input, by: requireIdentity(identity).subject })),
  },

  Experiment: {
    __resolveReference(reference, { loaders }) {
      const key = readExperimentKey(reference.key)
      return key === null ? null : loaders.experiments.load(key)
    },
    layer: ({ layer }, _, { loaders }) => (layer === null ? null : loadLayer(layer.key, loaders)),
    layerRange: ({ layer }) => layer,
    decision: (experiment) =>
      experiment.decision === null ? null : { decision: experiment.decision, experiment },
    audit: ({ key }, { first, after }, { reader }) =>
      auditConnection({ first, after: after ?? null, filter: { subject: experimentSubject(key) } }, reader),
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
  action: SimpleStep,
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
