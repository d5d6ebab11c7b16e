import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { selectAll, selectArrays } from '@bulkhead/datastore/sqlite/rows'
import type { Interaction } from '../../domain/interaction.ts'
import type { InteractionPosition, PersonalizationStore } from '../port.ts'
import { type HistoryWindow, readServingHistory, WINDOW_TYPES, type WindowRow } from '../serving-history.ts'

export type InteractionRow = Omit<Interaction, 'hiddenCreator'> & { readonly hiddenCreator: string | null }

export const INTERACTION_COLUMNS = `
  event_id AS eventId, user_id AS userId, item_id AS itemId, type, slate_id AS slateId, value,
  occurred_at AS occurredAt, hidden_creator AS hiddenCreator`

type HistoryMethods = Pick<PersonalizationStore, 'servingHistory' | 'findInteractions' | 'scanInteractions'>

type WindowColumns = readonly [
  eventId: string,
  itemId: string,
  type: WindowRow['type'],
  occurredAt: number,
  hiddenCreator: string | null,
]

// Each page is read from its partial index alone; INDEXED BY makes it fail if its types are not those of the index.
const PAGES = {
  opinions: windowPage('opinions', 'interactions_of_opinion', 'hidden_creator'),
  used: windowPage('used', 'interactions_of_use', 'NULL'),
  skipped: windowPage('skipped', 'interactions_of_skips', 'NULL'),
} satisfies Record<HistoryWindow, unknown>

// One statement, because each locks the file for reading: three of them cost half as much again.
const FIRST_PAGES = `
  SELECT * FROM (${PAGES.opinions('', '?2')}) UNION ALL
  SELECT * FROM (${PAGES.used('', '?3')}) UNION ALL
  SELECT * FROM (${PAGES.skipped('', '?4')})`

const OLDER = 'AND (occurred_at, event_id) < (?2, ?3)'
const OLDER_PAGES: Readonly<Record<HistoryWindow, string>> = {
  opinions: PAGES.opinions(OLDER, '?4'),
  used: PAGES.used(OLDER, '?4'),
  skipped: PAGES.skipped(OLDER, '?4'),
}

function windowPage(window: HistoryWindow, index: string, hiddenCreator: string) {
  // With a parameter alone as its limit, SQLite would plan the statement anew for each user, which costs more than reading.
  return (older: string, limit: string) => `
    SELECT event_id, item_id, type, occurred_at, ${hiddenCreator}
    FROM interactions INDEXED BY ${index}
    WHERE user_id = ?1 AND type IN (${WINDOW_TYPES[window].map(quote)}) ${older}
    ORDER BY occurred_at DESC, event_id DESC LIMIT 0 + ${limit}`
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

  async function windowRows(
    sql: string,
    ...parameters: readonly (string | number)[]
  ): Promise<readonly WindowRow[]> {
    const rows = await selectArrays<WindowColumns>(db, sql, ...parameters)
    return rows.map(([eventId, itemId, type, occurredAt, hiddenCreator]) => {
      return { eventId, itemId, type, occurredAt, hiddenCreator }
    })
  }

  return {
    async servingHistory(userId, limits) {
      const { opinions, used, skipped } = limits
      const first = await windowRows(FIRST_PAGES, userId, opinions, used, skipped)
      return readServingHistory(limits, first, (window, limit, { occurredAt, eventId }) =>
        windowRows(OLDER_PAGES[window], userId, occurredAt, eventId, limit),
      )
    },

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
