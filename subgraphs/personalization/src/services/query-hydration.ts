import { withDeadline } from '@bulkhead/service/deadline'
import type { PersonalizationStore } from '../datastore/port.ts'
import { readHistory, UNKNOWN_HISTORY, type UserHistory } from '../domain/pipeline/hydration/user-history.ts'
import type { Stage } from '../domain/pipeline/stage.ts'

/**
 * How many of a user's newest interactions a slate takes into account. The limit for blocked items is much higher,
 * because an item that a user asked not to see must not be shown again.
 */
const HISTORY_LIMITS = { recent: 500, blocked: 5_000 } as const

/** Reads the user's history. After a failure or the deadline, the slate is served without it. */
export function createHydrationStage(options: {
  readonly store: Pick<PersonalizationStore, 'servingHistory'>
  readonly deadlineMs: number
  /** False while the datastore is known to be lost, so that no request waits for it. */
  readonly isReachable: () => boolean
}): Stage<{ readonly userId: string }, void, UserHistory> {
  const { store, deadlineMs, isReachable } = options
  return {
    name: 'hydration',
    enabled: isReachable,
    async run({ userId }) {
      const history = await withDeadline(
        () => store.servingHistory(userId, HISTORY_LIMITS),
        deadlineMs,
        () => new Error(`reading the user's history took longer than ${deadlineMs} ms`),
      )
      return readHistory(history)
    },
    without: () => UNKNOWN_HISTORY,
  }
}
