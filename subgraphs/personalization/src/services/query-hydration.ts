import { withDeadline } from '@bulkhead/service/deadline'
import type { PersonalizationStore } from '../datastore/port.ts'
import type { HistoryLimits } from '../domain/interaction.ts'
import {
  blocksOf,
  readHistory,
  type UserHistory,
  unknownHistory,
} from '../domain/pipeline/hydration/user-history.ts'
import type { Stage } from '../domain/pipeline/stage.ts'
import type { RememberedOpinions } from '../state/remembered-opinions.ts'

/**
 * How many distinct items a slate takes into account of each kind. The limit for opinions is much higher, because an
 * item that a user asked not to see must not be shown again.
 */
export const HISTORY_LIMITS: HistoryLimits = { opinions: 5_000, used: 500, skipped: 500 }

/**
 * Reads the user's history. After a failure or the deadline, the slate is served without it, but for what is remembered
 * of what they asked not to see.
 */
export function createHydrationStage(options: {
  readonly store: Pick<PersonalizationStore, 'servingHistory'>
  readonly remembered: Pick<RememberedOpinions, 'remember' | 'of'>
  readonly deadlineMs: number
  /** False while the datastore is known to be lost, so that no request waits for it. */
  readonly isReachable: () => boolean
}): Stage<{ readonly userId: string }, void, UserHistory> {
  const { store, remembered, deadlineMs, isReachable } = options

  async function read(userId: string): Promise<UserHistory> {
    const history = await store.servingHistory(userId, HISTORY_LIMITS)
    // Also where it came too late for this slate.
    remembered.remember(userId, history.opinions)
    return readHistory(history)
  }

  return {
    name: 'hydration',
    enabled: isReachable,
    run: ({ userId }) =>
      withDeadline(
        () => read(userId),
        deadlineMs,
        () => new Error(`reading the user's history took longer than ${deadlineMs} ms`),
      ),
    without: (_, { userId }) => unknownHistory(blocksOf(remembered.of(userId))),
  }
}
