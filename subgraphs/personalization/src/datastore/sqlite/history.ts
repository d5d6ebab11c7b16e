import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { selectAll } from '@bulkhead/datastore/sqlite/rows'
import {
  BLOCKING_TYPES,
  type Interaction,
  type ServingHistory,
  TASTE_TYPES,
} from '../../domain/interaction.ts'
import type { InteractionPosition, PersonalizationStore } from '../port.ts'

type InteractionRow = { -readonly [Column in keyof Interaction]: Interaction[Column] }

const COLUMNS = `
  event_id AS eventId, user_id AS userId, item_id AS itemId, type, slate_id AS slateId, value,
  occurred_at AS occurredAt`

type HistoryMethods = Pick<PersonalizationStore, 'servingHistory' | 'findInteractions' | 'scanInteractions'>

// Each query reads nothing but its partial index; INDEXED BY makes it fail if its types are not those of the index.
const RECENT = `
  SELECT item_id AS itemId, type FROM interactions INDEXED BY interactions_of_taste
  WHERE user_id = ? AND type IN (${TASTE_TYPES.map(quote)})
  ORDER BY occurred_at DESC, event_id DESC LIMIT ?`
const BLOCKED = `
  SELECT item_id AS itemId FROM interactions INDEXED BY interactions_that_block
  WHERE user_id = ? AND type IN (${BLOCKING_TYPES.map(quote)})
  ORDER BY occurred_at DESC, event_id DESC LIMIT ?`

/** Reads users' interactions. Each read is one range of an index. */
export function createSqliteHistory(db: SqliteDatabase): HistoryMethods {
  async function newest(
    userId: string,
    limit: number,
    after: InteractionPosition | null,
  ): Promise<readonly Interaction[]> {
    const older = after === null ? '' : 'AND (occurred_at, event_id) < (?, ?)'
    const rows = await selectAll<InteractionRow>(
      db,
      `SELECT ${COLUMNS} FROM interactions WHERE user_id = ? ${older}
       ORDER BY occurred_at DESC, event_id DESC LIMIT ?`,
      userId,
      ...(after === null ? [] : [after.occurredAt, after.eventId]),
      limit,
    )
    return rows.map(readInteraction)
  }

  return {
    async servingHistory(userId, limits) {
      const recent = await selectAll<ServingHistory['recent'][number]>(db, RECENT, userId, limits.recent)
      const blocked = await selectAll<{ readonly itemId: string }>(db, BLOCKED, userId, limits.blocked)
      return {
        recent: recent.map(({ itemId, type }) => ({ itemId, type })),
        blockedItemIds: [...new Set(blocked.map(({ itemId }) => itemId))],
      }
    },

    async findInteractions({ userId, limit, after }) {
      const found = await newest(userId, limit + 1, after)
      return { interactions: found.slice(0, limit), hasMore: found.length > limit }
    },

    async scanInteractions({ after, limit }) {
      const later = after === null ? '' : 'WHERE (user_id, item_id, event_id) > (?, ?, ?)'
      const rows = await selectAll<InteractionRow>(
        db,
        `SELECT ${COLUMNS} FROM interactions ${later} ORDER BY user_id, item_id, event_id LIMIT ?`,
        ...(after === null ? [] : [after.userId, after.itemId, after.eventId]),
        limit,
      )
      return rows.map(readInteraction)
    },
  }
}

function quote(type: string): string {
  return `'${type}'`
}

/** Copies the row into a plain object, because SQLite's rows have no prototype. */
function readInteraction(row: InteractionRow): Interaction {
  return { ...row }
}
