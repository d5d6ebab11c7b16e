import { variantInSnapshot } from '../domain/publishing.ts'
import type { AssignmentRequest, AssignmentService } from '../services/assignment-service.ts'
import type { AssignmentModel } from './models.ts'
import { readSlateReference, readUserReference } from './references.ts'
import type {
  AssignmentResolvers,
  ExposureResolvers,
  QueryResolvers,
  RecommendationSlateResolvers,
  UserResolvers,
} from './resolver-types.generated.ts'

type AssignmentQueries = Pick<QueryResolvers, 'assignments'>

export const assignmentQueries: AssignmentQueries = {
  assignments: (_root, { unit, attributes, snapshotVersion }, { assignments }) =>
    evaluate(assignments, {
      unit,
      attributes: attributes ?? null,
      snapshotVersion: snapshotVersion ?? null,
    }),
}

export const User: UserResolvers = {
  __resolveReference: ({ id }) => readUserReference(id),
  assignments: ({ id }, { attributes }, { assignments }) =>
    evaluate(assignments, { unit: id, attributes: attributes ?? null, snapshotVersion: null }),
}

export const Assignment: AssignmentResolvers = {
  experimentKey: ({ assignment }) => assignment.experiment.key,
  variantKey: ({ assignment }) => assignment.variant?.key ?? null,
  experiment: ({ assignment }, _args, { loaders }) => loaders.experiments.load(assignment.experiment.key),
  async variant({ assignment: { variant, experiment }, snapshot }, _args, { loaders }) {
    if (variant === null) return null
    const stored = await loaders.experiments.load(experiment.key)
    return stored && variantInSnapshot(snapshot, stored, variant.key)
  },
  included: ({ assignment }) => assignment.included,
  reason: ({ assignment }) => assignment.reason,
  bucket: ({ assignment }) => assignment.bucket,
  snapshotVersion: ({ snapshot }) => snapshot.version,
}

export const RecommendationSlate: RecommendationSlateResolvers = {
  // A promise, because what is thrown here in the same tick fails the whole batch.
  __resolveReference: async (reference) => readSlateReference(reference),
  exposures: (slate, _args, { exposures, loaders }) =>
    exposures.exposuresOf(slate, (eventIds) => loadAll(loaders.exposureRecords, eventIds)),
}

export const Exposure: ExposureResolvers = {
  experiment: ({ experimentKey }, _args, { loaders }) => loaders.experiments.load(experimentKey),
  async variant({ experimentKey, variantKey, snapshotVersion }, _args, { loaders }) {
    const [experiment, snapshot] = await Promise.all([
      loaders.experiments.load(experimentKey),
      loaders.snapshots.load(snapshotVersion),
    ])
    return experiment && snapshot && variantInSnapshot(snapshot, experiment, variantKey)
  },
  status: ({ state }) => state.status,
  occurredAt: ({ state }) => (state.status === 'RECORDED' ? state.occurredAt : null),
  recordedAt: ({ state }) => (state.status === 'RECORDED' ? state.recordedAt : null),
}

async function evaluate(service: AssignmentService, request: AssignmentRequest): Promise<AssignmentModel[]> {
  const { snapshot, assignments } = await service.assignmentsOf(request)
  return assignments.map((assignment) => ({ assignment, snapshot }))
}

/** Unlike `loadMany`, rejects where one of them does. */
function loadAll<V>(loader: { load(key: string): Promise<V> }, keys: readonly string[]): Promise<V[]> {
  return Promise.all(keys.map((key) => loader.load(key)))
}
