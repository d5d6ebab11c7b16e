/** Why a calculation has no answer. The table in README.md says when each one is given. */
export type Reason =
  | 'invalid-input'
  | 'inconsistent-sums'
  | 'too-few-units'
  | 'zero-variance'
  | 'zero-baseline'
  | 'zero-denominator'
  | 'before-first-look'
  | 'looks-not-increasing'
  | 'looks-too-close'
  | 'nothing-left-to-spend'
  | 'out-of-reach'

/** No answer, with the reason. The one form in which this package says so: it never throws and never gives NaN. */
export type Refusal = { readonly refused: Reason }

/** An answer whose numbers are all finite, or the reason why there is none. */
export type Result<T> = T | Refusal

export function refuse(reason: Reason): Refusal {
  return { refused: reason }
}

export function isRefusal(result: unknown): result is Refusal {
  return typeof result === 'object' && result !== null && 'refused' in result
}
