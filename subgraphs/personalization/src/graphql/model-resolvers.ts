import type { MetricEstimate } from '../domain/evaluation/report.ts'
import type { PathResult } from '../services/model-path-service.ts'
import { parseIdentifier, parseRegistration } from './arguments.ts'
import { modelVersionConnection } from './connections.ts'
import type { GraphqlContext } from './context.ts'
import { byReference } from './references.ts'
import type { Resolvers } from './resolver-types.generated.ts'
import { toPathError } from './user-errors.ts'

export const modelResolvers = {
  Query: {
    modelVersion: (_, { id }, { loaders }) => loaders.modelVersions.load(parseIdentifier('id', id)),
    modelVersions: (_, args, { reader }) => modelVersionConnection(args, reader),
  },

  Mutation: {
    registerModel: async (_, { input }, { modelPath, identity }) =>
      payload(await modelPath.register({ ...parseRegistration(input), by: callerOf(identity) })),
    promoteModel: async (_, { input: { id, to, reason } }, { modelPath, identity }) =>
      payload(await modelPath.promote({ id, to, reason, by: callerOf(identity) })),
    rollbackModel: async (_, { input: { expectedCurrent, reason } }, { modelPath, identity }) =>
      payload(await modelPath.rollback({ expectedCurrent, reason, by: callerOf(identity) })),
  },

  ModelVersion: {
    __resolveReference: ({ id }, { loaders }) =>
      byReference(id, (known) => loaders.modelVersions.load(known)),
    shadow: ({ id }, _, { loaders }) => loaders.shadowReports.load(id),
    nextSteps: (version, _, { modelPath }) => modelPath.nextSteps(version),
    evaluation: ({ id }, _, { loaders }) => loaders.modelEvaluations.load(id),
    recipe: ({ recipe }) => recipe ?? null,
    refresh: ({ refresh }) => refresh ?? null,
    canary: ({ id, refresh }, _, { loaders }) =>
      refresh === undefined ? null : loaders.canaryReports.load(id),
  },

  Refresh: {
    of: ({ of }, _, { loaders }) => loaders.modelVersions.load(of),
  },

  CanaryReport: {
    champion: ({ championId }, _, { loaders }) => loaders.modelVersions.load(championId),
    production: ({ champion }) => champion,
  },

  StageChange: {
    evidence: ({ evidence }) => evidence ?? null,
  },

  StageEvidence: {
    record: ({ record }) => (record === undefined ? null : JSON.parse(record)),
    shadow: ({ shadow }) => shadow ?? null,
  },

  ShadowReport: {
    champion: ({ championId }, _, { loaders }) =>
      championId === null ? null : loaders.modelVersions.load(championId),
  },

  EvaluationReport: {
    champion: ({ championId }, _, { loaders }) =>
      championId === null ? null : loaders.modelVersions.load(championId),
    fingerprint: ({ report }) => report.protocol.data.fingerprint,
    seed: ({ report }) => String(report.protocol.seed),
    metrics: ({ championId, report }) =>
      report.metrics.flatMap(({ values: [, own], difference }) => {
        const estimate = known(own)
        const championDelta = championId === null ? null : difference.value
        return estimate === null ? [] : [{ ...estimate, championDelta }]
      }),
  },
} satisfies Partial<Resolvers>

/** A metric without a value is left out; one of all lists together has no interval but its value. */
function known({ name, value, lower, upper }: MetricEstimate) {
  return value === null ? null : { name, value, lower: lower ?? value, upper: upper ?? value }
}

function payload(result: PathResult) {
  return result.type === 'done'
    ? { modelVersion: result.version, errors: [] }
    : { modelVersion: null, errors: [toPathError(result.refusal)] }
}

/** The schema asks for a scope, so there is an identity. */
function callerOf(identity: GraphqlContext['identity']): string {
  return identity?.subject ?? 'unknown'
}
