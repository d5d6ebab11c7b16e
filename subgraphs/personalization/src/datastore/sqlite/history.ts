import type { SqliteDatabase } from '@bulkhead/datastore/sqlite'
import type { Interaction } from '../../domain/interaction.ts'
import type { InteractionPosition, PersonalizationStore } from '../port.ts'
import { selectAll } from './rows.ts'

type InteractionRow = { -readonly [Column in keyof Interaction]: Interaction[Column] }

const COLUMNS = `
  event_id AS eventId, user_id AS userId, item_id AS itemId, type, slate_id AS slateId, value,
  occurred_at AS occurredAt`

type HistoryMethods = Pick<
  PersonalizationStore,
  'recentInteractions' | 'findInteractions' | 'scanInteractions'
>

/** Reads of what users did, each one range of an index. */
export function createSqliteHistory(db: SqliteDatabase): HistoryMethods {
  function newest(userId: string, limit: number, after: InteractionPosition | null): readonly Interaction[] {
    const older = after === null ? '' : 'AND (occurred_at, event_id) < (?, ?)'
    return selectAll<InteractionRow>(
      db,
      `SELECT ${COLUMNS} FROM interactions WHERE user_id = ? ${older}
       ORDER BY occurred_at DESC, event_id DESC LIMIT ?`,
      userId,
      ...(after === null ? [] : [after.occurredAt, after.eventId]),
      limit,
    ).map(readInteraction)
  }

  return {
    async recentInteractions(userId, limit) {
      return newest(userId, limit, null)
    },

    async findInteractions({ userId, limit, after }) {
      const found = newest(userId, limit + 1, after)
      return { interactions: found.slice(0, limit), hasMore: found.length > limit }
    },

    async scanInteractions({ after, limit }) {
      const later = after === null ? '' : 'WHERE (user_id, item_id, event_id) > (?, ?, ?)'
      return selectAll<InteractionRow>(
        db,
        `SELECT ${COLUMNS} FROM interactions ${later} ORDER BY user_id, item_id, event_id LIMIT ?`,
        ...(after === null ? [] : [after.userId, after.itemId, after.eventId]),
        limit,
      ).map(readInteraction)
    },
  }
}

/** A plain object: rows come without a prototype. */
function readInteraction(row: InteractionRow): Interaction {
  return { ...row }
}
