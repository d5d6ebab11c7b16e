import { approversOf } from '../domain/governance/decision.ts'
import { shipOf } from '../domain/governance/model-decisions.ts'
import { planHash } from '../domain/plan/analysis-plan.ts'
import { loadRevocation } from './bootstrap-resolvers.ts'
import { auditConnection, decisionConnection } from './connections.ts'
import type { Resolvers } from './resolver-types.generated.ts'

export const governanceResolvers = {
  Query: {
    decisions: (_, args, { reader }) => decisionConnection(args, reader),
    auditLog: (_, args, { reader }) => auditConnection(args, reader),
  },

  AnalysisPlan: {
    hash: (plan) => planHash(plan),
    noAnalysis: ({ noAnalysis }) => noAnalysis === true,
  },

  Decision: {
    experimentKey: ({ experiment }) => experiment.key,
    experiment: ({ experiment }) => experiment,
    outcome: ({ decision }) => decision.outcome,
    variantKey: ({ decision }) => decision.variantKey,
    modelVersion: ({ decision: { modelVersionId } }) =>
      modelVersionId === null ? null : { id: modelVersionId },
    artefactHash: ({ decision }) => decision.artefactHash,
    recipe: ({ decision }) => decision.recipe ?? null,
    rationale: ({ decision }) => decision.rationale,
    decidedBy: ({ decision }) => decision.decidedBy,
    reviewedBy: ({ decision }) => approversOf(decision).at(-1) ?? null,
    decidedAt: ({ decision }) => decision.decidedAt,
    revokedAt({ decision }, _, { loaders }) {
      const modelVersionId = shipOf({ decision })?.modelVersionId ?? null
      return modelVersionId === null ? null : loadRevocation(modelVersionId, loaders)
    },
    signature: ({ decision }) => decision.signed?.signature ?? null,
    keyId: ({ decision }) => decision.signed?.keyId ?? null,
  },
} satisfies Partial<Resolvers>
