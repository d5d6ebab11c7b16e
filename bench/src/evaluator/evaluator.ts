import type { User } from './workload.ts'

/** One of the evaluators that are compared. */
export type Evaluator<T> = {
  /** Its own answer for each rule, as its users get it. */
  evaluate(user: User): readonly T[]
  /** Which variant an answer is; -1 for none. */
  variantIndex(answer: T): number
}
