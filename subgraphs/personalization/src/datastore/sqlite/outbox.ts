import { randomUUID } from 'node:crypto'
import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { allInTransaction, execute, selectOne } from '@bulkhead/datastore/sqlite/rows'
import type { OutboxState, PersonalizationStore } from '../port.ts'
import { readEvents } from '../stored-json.ts'

type OutboxMethods = Pick<
  PersonalizationStore,
  'claimOutbox' | 'completeOutbox' | 'retryOutbox' | 'outboxState'
>

type ClaimedRow = {
  readonly id: string
  readonly events: string
  readonly attempts: number
  readonly oldest: number
}

/**
 * The outbox on SQLite. A claim writes its token and the end of its lease into its entries; without the token nobody
 * can change an entry. SQLite runs one write at a time, so two claims never get the same entry.
 */
export function createSqliteOutbox(db: SqliteDatabase): OutboxMethods {
  return {
    async claimOutbox({ now, leaseMs, limit }) {
      const token = randomUUID()
      const rows = await db.write(() =>
        allInTransaction<ClaimedRow>(
          db,
          `UPDATE outbox SET token = ?, due_at = ?
           WHERE id IN (SELECT id FROM outbox WHERE due_at <= ? ORDER BY oldest, id LIMIT ?)
           RETURNING id, events, attempts, oldest`,
          token,
          now + leaseMs,
          now,
          limit,
        ),
      )
      // RETURNING promises no order.
      const entries = rows
        .toSorted((a, b) => a.oldest - b.oldest || (a.id < b.id ? -1 : 1))
        .map(({ id, events, attempts }) => ({ id, events: readEvents(events), attempts }))
      return { token, entries }
    },

    async completeOutbox(token, entryIds) {
      const sql = 'DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(?)) AND token = ?'
      await db.write(() => execute(db, sql, JSON.stringify(entryIds), token))
    },

    async retryOutbox(token, entryIds, dueAt) {
      const sql = `
        UPDATE outbox SET token = NULL, due_at = ?, attempts = attempts + 1
        WHERE id IN (SELECT value FROM json_each(?)) AND token = ?`
      await db.write(() => execute(db, sql, dueAt, JSON.stringify(entryIds), token))
    },

    async outboxState() {
      const sql = 'SELECT count(*) AS size, min(oldest) AS oldest FROM outbox'
      const { size = 0, oldest = null } = (await selectOne<OutboxState>(db, sql)) ?? {}
      return { size, oldest }
    },
  }
}
