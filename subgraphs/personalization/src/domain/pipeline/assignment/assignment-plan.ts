import type { Assignment } from '@bulkhead/contracts'
import { DEFAULT_PARAMETERS, type MergedPayloads } from './serving-parameters.ts'

/** Why a slate is served without the assignments that its user has. */
export type UnassignedReason =
  | 'OUTBOX_FULL'
  /** The datastore counts as lost, and nobody waits for it. */
  | 'DATASTORE_UNAVAILABLE'
  | 'COMMIT_FAILED'
  | 'COMMIT_TIMED_OUT'
  | 'TOO_MANY_COMMITS'
  /** More assignments than an exposure context holds. */
  | 'CONTEXT_TOO_LARGE'
  | 'ASSIGNMENT_FAILED'

/** What experiments decide about a slate, before anything is chosen for it. */
export type AssignmentPlan = MergedPayloads & {
  /** Null before the first snapshot, and where nobody was assigned. */
  readonly snapshotVersion: number | null
  readonly included: readonly Assignment[]
  /** Whether an experiment that the user is in pins models, be it for other variants: then no canary takes part. */
  readonly comparesModels: boolean
  /** Null where the user's assignments, if any, take effect. */
  readonly unassigned: UnassignedReason | null
}

/** Before the first snapshot there is nothing to assign. */
export const NO_ASSIGNMENTS: AssignmentPlan = {
  snapshotVersion: null,
  included: [],
  parameters: DEFAULT_PARAMETERS,
  ignored: new Set(),
  comparesModels: false,
  unassigned: null,
}

/** The default parameters, whatever the user is assigned to. */
export function unassignedPlan(reason: UnassignedReason): AssignmentPlan {
  return { ...NO_ASSIGNMENTS, unassigned: reason }
}
