import { requireIdentity } from '@bulkhead/service/graphql/authorization'
import { revokedAt } from '../domain/governance/model-decisions.ts'
import type { BootstrapServiceResult } from '../services/decisions/bootstrap-service.ts'
import type { Loaders } from './loaders.ts'
import type { Resolvers } from './resolver-types.generated.ts'
import { toUserErrors } from './user-errors.ts'

export const bootstrapResolvers = {
  Query: {
    bootstrapDecisions: (_, __, { reader }) => reader.bootstraps(),
  },

  Mutation: {
    async recordBootstrapDecision(_, { input }, { bootstraps, identity }) {
      return toPayload(await bootstraps.record({ ...input, by: requireIdentity(identity).subject }))
    },
    async reviewBootstrapDecision(_, { input }, { bootstraps, identity }) {
      return toPayload(await bootstraps.review({ ...input, by: requireIdentity(identity).subject }))
    },
  },

  BootstrapDecision: {
    modelVersion: ({ modelVersionId }) => ({ id: modelVersionId }),
    revokedAt: ({ signed, modelVersionId }, _, { loaders }) =>
      signed === null ? null : loadRevocation(modelVersionId, loaders),
    signature: ({ signed }) => signed?.signature ?? null,
    keyId: ({ signed }) => signed?.keyId ?? null,
  },
} satisfies Partial<Resolvers>

/** When a rollback of the version revoked the decision; null where none did. */
export async function loadRevocation(
  modelVersionId: string,
  loaders: Pick<Loaders, 'modelVersions'>,
): Promise<number | null> {
  const version = await loaders.modelVersions.load(modelVersionId)
  return version === null ? null : revokedAt(version)
}

function toPayload(result: BootstrapServiceResult) {
  return result.type === 'accepted'
    ? { bootstrapDecision: result.bootstrap, errors: [] }
    : { bootstrapDecision: null, errors: toUserErrors(result.refusal) }
}
