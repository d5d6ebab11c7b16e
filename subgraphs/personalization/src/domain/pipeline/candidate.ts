import type { BecauseOf } from '../model-candidate.ts'

/** An item that a candidate source proposes for a slate. */
export type Candidate = {
  readonly itemId: string
  /** Comparable within one source only. */
  readonly score: number
  /** The item's creator, the same in every list. Items without one (null) are never grouped by the diversity limit. */
  readonly creator: string | null
  /** Finds the item of the user's history that speaks most for this one; null where the source knows no reasons. */
  readonly becauseOf: BecauseOf | null
}
