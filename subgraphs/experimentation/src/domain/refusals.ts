import type { ServingParameter } from '@bulkhead/contracts'
import type { IllegalTransition } from './lifecycle.ts'

export type InputProblem = {
  /** Where in the input, such as `['variants', '0', 'weight']`. */
  readonly path: readonly string[]
  readonly message: string
}

/** All problems of the input. */
export type InvalidInput = { readonly type: 'invalid-input'; readonly problems: readonly InputProblem[] }

/** One entry for each listed experiment that sets the same parameters for the same units. */
export type ParameterConflicts = {
  readonly type: 'parameter-conflicts'
  readonly conflicts: readonly {
    readonly experimentKey: string
    readonly parameters: readonly ServingParameter[]
  }[]
}

/** Why a change of an experiment is refused. The caller can act on each of these. */
export type ExperimentRefusal =
  | InvalidInput
  | IllegalTransition
  | ParameterConflicts
  | { readonly type: 'experiment-exists'; readonly key: string }
  | { readonly type: 'experiment-not-found'; readonly key: string }
  | { readonly type: 'revision-conflict'; readonly sent: number; readonly current: number }
  /** Personalization has not told of these model versions. */
  | { readonly type: 'models-absent'; readonly modelVersionIds: readonly string[] }
  | { readonly type: 'snapshot-full'; readonly limit: number }
