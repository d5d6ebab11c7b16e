import type { InteractionType } from '@bulkhead/contracts'
import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { selectAll } from '@bulkhead/datastore/sqlite/rows'
import { type Interaction, OPINION_TYPES, USE_TYPES } from '../../domain/interaction.ts'
import type { InteractionPosition, PersonalizationStore } from '../port.ts'
import { type HistoryWindow, readServingHistory, type WindowRow } from '../serving-history.ts'

export type InteractionRow = Omit<Interaction, 'hiddenCreator'> & { readonly hiddenCreator: string | null }

export const INTERACTION_COLUMNS = `
  event_id AS eventId, user_id AS userId, item_id AS itemId, type, slate_id AS slateId, value,
  occurred_at AS occurredAt, hidden_creator AS hiddenCreator`

type HistoryMethods = Pick<PersonalizationStore, 'servingHistory' | 'findInteractions' | 'scanInteractions'>

// Each query reads nothing but its partial index; INDEXED BY makes it fail if its types are not those of the index.
const WINDOWS = {
  opinions: windowQueries('interactions_of_opinion', OPINION_TYPES, 'hidden_creator'),
  used: windowQueries('interactions_of_use', USE_TYPES, 'NULL'),
  skipped: windowQueries('interactions_of_skips', ['SKIP'], 'NULL'),
} satisfies Record<HistoryWindow, unknown>

function windowQueries(index: string, types: readonly InteractionType[], hiddenCreator: string) {
  const select = `
    SELECT event_id AS eventId, item_id AS itemId, type, occurred_at AS occurredAt, ${hiddenCreator} AS hiddenCreator
    FROM interactions INDEXED BY ${index}
    WHERE user_id = ? AND type IN (${types.map(quote)})`
  const order = 'ORDER BY occurred_at DESC, event_id DESC LIMIT ?'
  return {
    newest: `${select} ${order}`,
    older: `${select} AND (occurred_at, event_id) < (?, ?) ${order}`,
  }
}

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
      `SELECT ${INTERACTION_COLUMNS} FROM interactions WHERE user_id = ? ${older}
       ORDER BY occurred_at DESC, event_id DESC LIMIT ?`,
      userId,
      ...(after === null ? [] : [after.occurredAt, after.eventId]),
      limit,
    )
    return rows.map(readInteraction)
  }

  return {
    servingHistory: (userId, limits) =>
      readServingHistory(limits, (window, limit, after) => {
        const { newest: first, older } = WINDOWS[window]
        return after === null
          ? selectAll<WindowRow>(db, first, userId, limit)
          : selectAll<WindowRow>(db, older, userId, after.occurredAt, after.eventId, limit)
      }),

    async findInteractions({ userId, limit, after }) {
      const found = await newest(userId, limit + 1, after)
      return { interactions: found.slice(0, limit), hasMore: found.length > limit }
    },

    async scanInteractions({ after, limit }) {
      const later = after === null ? '' : 'WHERE (user_id, item_id, event_id) > (?, ?, ?)'
      const rows = await selectAll<InteractionRow>(
        db,
        `SELECT ${INTERACTION_COLUMNS} FROM interactions ${later} ORDER BY user_id, item_id, event_id LIMIT ?`,
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
export function readInteraction(row: InteractionRow): Interaction {
  const { eventId, userId, itemId, type, slateId, value, occurredAt, hiddenCreator } = row
  const interaction = { eventId, userId, itemId, type, slateId, value, occurredAt }
  return hiddenCreator === null ? interaction : { ...interaction, hiddenCreator }
}
