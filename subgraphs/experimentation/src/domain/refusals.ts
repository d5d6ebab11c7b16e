import type { ServingParameter } from '@bulkhead/contracts'
import type { IllegalTransition } from './lifecycle.ts'

export type InputProblem = {
  /** Where in the input, such as `['variants', '0', 'weight']`. */
  readonly path: readonly string[]
  readonly message: string
}

/** Every problem of the input at once. */
export type InvalidInput = { readonly type: 'invalid-input'; readonly problems: readonly InputProblem[] }

/** One entry per experiment that the snapshot lists and that reaches the same units with the same parameters. */
export type ParameterConflicts = {
  readonly type: 'parameter-conflicts'
  readonly conflicts: readonly {
    readonly experimentKey: string
    readonly parameters: readonly ServingParameter[]
  }[]
}

/** Why a change of an experiment is refused; all of it is for the caller to act on. */
export type ExperimentRefusal =
  | InvalidInput
  | IllegalTransition
  | ParameterConflicts
  | { readonly type: 'experiment-exists'; readonly key: string }
  | { readonly type: 'experiment-not-found'; readonly key: string }
  | { readonly type: 'revision-conflict'; readonly sent: number; readonly current: number }
  | { readonly type: 'snapshot-full'; readonly limit: number }
