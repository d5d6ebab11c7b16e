import { withDeadline } from '@bulkhead/service/deadline'
import type { PersonalizationStore } from '../datastore/port.ts'
import { readHistory, UNKNOWN_HISTORY, type UserHistory } from '../domain/pipeline/hydration/user-history.ts'
import type { Stage } from '../domain/pipeline/stage.ts'

/**
 * Interactions of one user that a slate takes into account, newest first; what is older is forgotten. What they asked
 * not to see is remembered much longer than what they used: to be shown it again is a broken promise.
 */
const HISTORY_LIMITS = { recent: 500, blocked: 5_000 } as const

/** Reads the user's history. Without it, after the deadline or a failure, a slate is served all the same. */
export function createHydrationStage(deps: {
  readonly store: Pick<PersonalizationStore, 'servingHistory'>
  readonly deadlineMs: number
  /** False while the datastore is known to be lost: then nobody waits for it. */
  readonly isReachable: () => boolean
}): Stage<{ readonly userId: string }, void, UserHistory> {
  const { store, deadlineMs, isReachable } = deps
  return {
    name: 'hydration',
    enabled: isReachable,
    async run({ userId }) {
      const history = await withDeadline(
        () => store.servingHistory(userId, HISTORY_LIMITS),
        deadlineMs,
        () => new Error(`the user's history took longer than ${deadlineMs} ms`),
      )
      return readHistory(history)
    },
    without: () => UNKNOWN_HISTORY,
  }
}
