import { type AssignmentSnapshot, assign } from '@bulkhead/contracts'
import type { LoadedModels, RecommendationRequest } from '../query.ts'
import type { Stage } from '../stage.ts'
import { type AssignmentPlan, NO_ASSIGNMENTS, unassignedPlan } from './assignment-plan.ts'
import { mergePayloads, pinnedVersions } from './serving-parameters.ts'

/**
 * Decides which experiments the user is in, and with which parameters the slate is made. Nobody is in an experiment whose
 * models are still being loaded: otherwise its control would already count while no treatment can be applied.
 */
export function createAssignmentStage(options: {
  readonly snapshots: { current(): AssignmentSnapshot | null }
  readonly models: Pick<LoadedModels, 'byVersionId' | 'isAwaited'>
}): Stage<RecommendationRequest, void, AssignmentPlan> {
  const { snapshots, models } = options
  return {
    name: 'assignment',
    enabled: () => true,
    run({ userId, surface, attributes, overrides }) {
      const snapshot = snapshots.current()
      if (snapshot === null) return NO_ASSIGNMENTS
      const assignments = assign(snapshot, { userId }, attributes ?? {}, surface, { overrides })
      const assigned = assignments.filter(({ included: isIn }) => isIn)
      const included = assigned.filter(({ experiment }) => !pinnedVersions(experiment).some(models.isAwaited))
      const comparesModels = assigned.some(({ experiment }) => pinnedVersions(experiment).length > 0)
      const merged = mergePayloads(included, (versionId) => models.byVersionId(versionId) !== null)
      return { ...merged, snapshotVersion: snapshot.version, included, comparesModels, unassigned: null }
    },
    without: () => unassignedPlan('ASSIGNMENT_FAILED'),
  }
}
