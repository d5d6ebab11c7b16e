import type { ServingParameter } from '@bulkhead/contracts'
import type { BootstrapRefusal } from './governance/bootstrap.ts'
import type { ReviewRefusal } from './governance/review.ts'
import type { InvalidInput } from './input-problems.ts'
import type { IllegalTransition, TooManyChanges } from './lifecycle.ts'
import type { PlanGap } from './plan/analysis-plan.ts'

/** One entry for each listed experiment that sets the same parameters for the same units. */
export type ParameterConflicts = {
  readonly type: 'parameter-conflicts'
  readonly conflicts: readonly {
    readonly experimentKey: string
    readonly parameters: readonly ServingParameter[]
  }[]
}

/** What is promised before the start cannot be changed after it. */
export type Frozen = { readonly type: 'frozen'; readonly fields: readonly ('metrics' | 'plan')[] }

/** The plan does not say yet what a start needs. */
export type PlanIncomplete = { readonly type: 'plan-incomplete'; readonly gaps: readonly PlanGap[] }

/** Approved under a lower quorum than the one that is in force now. */
export type ApprovalsMissing = {
  readonly type: 'approvals-missing'
  readonly approvals: number
  readonly needed: number
}

/** Other listed experiments hold a part of the range. */
export type LayerConflict = {
  readonly type: 'layer-conflict'
  readonly layer: string
  readonly holders: readonly { readonly experimentKey: string; readonly from: number; readonly to: number }[]
}

/** The experiment would include nobody. */
export type PrerequisitesUnresolvable = {
  readonly type: 'prerequisites-unresolvable'
  readonly experimentKeys: readonly string[]
  readonly problem: 'missing' | 'circle-or-chain'
}

/** Listed experiments need this one, and would include nobody any more. */
export type PrerequisiteInUse = {
  readonly type: 'prerequisite-in-use'
  readonly experimentKeys: readonly string[]
}

/** Stopped experiments target by the group, and their units have to keep what they have. */
export type GroupInUse = { readonly type: 'group-in-use'; readonly experimentKeys: readonly string[] }

export type RevisionConflict = {
  readonly type: 'revision-conflict'
  readonly sent: number
  readonly current: number
}

/** Why a change is refused. The caller can act on each of these. */
export type ExperimentRefusal =
  | InvalidInput
  | BootstrapRefusal
  | IllegalTransition
  | TooManyChanges
  | ParameterConflicts
  | ReviewRefusal
  | Frozen
  | PlanIncomplete
  | LayerConflict
  | PrerequisitesUnresolvable
  | PrerequisiteInUse
  | GroupInUse
  | ApprovalsMissing
  | RevisionConflict
  /** The limit is in octets. */
  | { readonly type: 'too-many-reviews'; readonly limit: number }
  | { readonly type: 'experiment-exists'; readonly key: string }
  | { readonly type: 'experiment-not-found'; readonly key: string }
  /** Personalization has not reported these model versions. */
  | { readonly type: 'models-absent'; readonly modelVersionIds: readonly string[] }
  /** It never serves again, so there is nothing to ship. */
  | { readonly type: 'model-retired'; readonly modelVersionId: string }
  | { readonly type: 'snapshot-full'; readonly limit: number }
  | { readonly type: 'snapshot-too-large'; readonly bytes: number; readonly limit: number }
