import { withDeadline } from '@bulkhead/service/deadline'
import type { PersonalizationStore } from '../datastore/port.ts'
import { readHistory, UNKNOWN_HISTORY, type UserHistory } from '../domain/pipeline/hydration/user-history.ts'
import type { Stage } from '../domain/pipeline/stage.ts'

/**
 * A slate takes this many of a user's interactions into account, newest first; older ones are forgotten. Many more
 * blocked items are kept than used ones: showing someone again what they asked not to see breaks a promise.
 */
const HISTORY_LIMITS = { recent: 500, blocked: 5_000 } as const

/** Reads the user's history. After a failure or the deadline, the slate is served without it. */
export function createHydrationStage(options: {
  readonly store: Pick<PersonalizationStore, 'servingHistory'>
  readonly deadlineMs: number
  /** False while the datastore is known to be lost: then nobody waits for it. */
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
