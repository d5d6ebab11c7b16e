import type { Clock } from '@bulkhead/service/clock'

/** Retries for each request that may be retried. */
const RETRIES_PER_REQUEST = 0.2
/** Upper bound on unused retries that are kept; the budget begins with as many. */
const MAX_SAVED = 10
/** Retries that a subgraph with little traffic is allowed besides. */
const RETRIES_PER_SECOND = 1

/**
 * Bounds the retries to one subgraph to a fifth of its recent requests and a few more, so that retrying does not
 * multiply the load of a subgraph that fails under it.
 */
export type RetryBudget = {
  /** Counts a request that may be retried. */
  earn(): void
  /** False when there is nothing left for another retry. */
  spend(): boolean
}

export function createRetryBudget(clock: Clock): RetryBudget {
  let saved = MAX_SAVED
  let refilledAt = clock.now()
  return {
    earn() {
      saved = Math.min(MAX_SAVED, saved + RETRIES_PER_REQUEST)
    },
    spend() {
      const now = clock.now()
      const seconds = Math.max(0, now - refilledAt) / 1_000
      refilledAt = now
      saved = Math.min(MAX_SAVED, saved + seconds * RETRIES_PER_SECOND)
      if (saved < 1) return false
      saved -= 1
      return true
    },
  }
}
