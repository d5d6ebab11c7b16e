import { requireUser } from '@bulkhead/service/graphql/authorization'
import { variantInSnapshot } from '../domain/publishing.ts'
import type { AssignmentRequest, AssignmentService } from '../services/assignment-service.ts'
import type { AssignmentParent } from './parents.ts'
import { readUserReference } from './references.ts'
import type { Resolvers } from './resolver-types.generated.ts'

export const assignmentResolvers = {
  Query: {
    assignments: (_, { unit, attributes, snapshotVersion }, { assignments }) =>
      evaluate(assignments, {
        unit,
        attributes: attributes ?? null,
        snapshotVersion: snapshotVersion ?? null,
      }),
  },

  User: {
    __resolveReference: ({ id }) => readUserReference(id),
    assignments: ({ id }, { attributes }, { assignments, identity }) => {
      requireUser(identity, id)
      return evaluate(assignments, { unit: id, attributes: attributes ?? null, snapshotVersion: null })
    },
  },

  Assignment: {
    experimentKey: ({ assignment }) => assignment.experiment.key,
    variantKey: ({ assignment }) => assignment.variant?.key ?? null,
    experiment: ({ assignment }, _, { loaders }) => loaders.experiments.load(assignment.experiment.key),
    async variant({ assignment: { variant, experiment }, snapshot }, _, { loaders }) {
      if (variant === null) return null
      const stored = await loaders.experiments.load(experiment.key)
      return stored && variantInSnapshot(snapshot, stored, variant.key)
    },
    included: ({ assignment }) => assignment.included,
    reason: ({ assignment }) => assignment.reason,
    bucket: ({ assignment }) => assignment.bucket,
    snapshotVersion: ({ snapshot }) => snapshot.version,
  },
} satisfies Partial<Resolvers>

async function evaluate(service: AssignmentService, request: AssignmentRequest): Promise<AssignmentParent[]> {
  const { snapshot, assignments } = await service.assignmentsOf(request)
  return assignments.map((assignment) => ({ assignment, snapshot }))
}
