import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import {
  allInTransaction,
  execute,
  oneInTransaction,
  selectAll,
  selectOne,
} from '@bulkhead/datastore/sqlite/rows'
import { userHash } from '../../domain/erasure.ts'
import { createCallLimit } from '../limits.ts'
import type { PersonalizationStore } from '../port.ts'
import { readEvent } from '../stored-json.ts'
import { unitOfLetter } from '../write-rules.ts'
import { insertMissingPending } from './pending-events.ts'

type LetterRow = {
  readonly event: string
  readonly code: string
  readonly message: string
  readonly at: number
}

type DeadLetterMethods = Pick<
  PersonalizationStore,
  'addDeadLetters' | 'deadLetterCount' | 'listDeadLetters' | 'replayDeadLetters' | 'expireDeadLetters'
>

/** Events that experimentation has refused for good. */
export function createSqliteDeadLetters(db: SqliteDatabase): DeadLetterMethods {
  const limit = createCallLimit()
  return {
    async addDeadLetters(letters) {
      const sql = `
        INSERT INTO dead_letters (event_id, event, code, message, at, unit) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (event_id) DO NOTHING`
      const erasedSince = 'SELECT 1 FROM erasures WHERE user_hash = ? AND at >= ?'
      await db.write(() => {
        for (const { event, code, message, at } of letters) {
          const unit = unitOfLetter(event)
          const occurredAt = Date.parse(event.occurredAt)
          if (unit !== null && oneInTransaction(db, erasedSince, userHash(unit), occurredAt)) continue
          execute(db, sql, event.eventId, JSON.stringify(event), code, message, at, unit)
        }
      })
    },

    async deadLetterCount() {
      const sql = 'SELECT count(*) AS total FROM dead_letters'
      return (await selectOne<{ readonly total: number }>(db, sql))?.total ?? 0
    },

    async listDeadLetters({ limit, after }) {
      const rows = await selectAll<LetterRow>(
        db,
        `SELECT event, code, message, at FROM dead_letters ${after === null ? '' : 'WHERE (at, event_id) > (?, ?)'}
         ORDER BY at, event_id LIMIT ?`,
        ...(after === null ? [] : [after.at, after.eventId]),
        limit,
      )
      return rows.map(({ event, code, message, at }) => ({ event: readEvent(event), code, message, at }))
    },

    async replayDeadLetters(eventIds) {
      limit.assert('replayDeadLetters', eventIds)
      const sql =
        'DELETE FROM dead_letters WHERE event_id IN (SELECT value FROM json_each(?)) RETURNING event'
      return db.write(() => {
        const rows = allInTransaction<{ readonly event: string }>(db, sql, JSON.stringify(eventIds))
        for (const { event } of rows) {
          const replayed = readEvent(event)
          insertMissingPending(db, `event:letter:${replayed.eventId}`, [replayed])
        }
        return rows.length
      })
    },

    async expireDeadLetters({ before, keep, limit }) {
      return db.bulkWrite(() => {
        const count = 'SELECT count(*) AS total FROM dead_letters'
        const beyond = (oneInTransaction<{ readonly total: number }>(db, count)?.total ?? 0) - keep
        const oldest = 'SELECT event_id FROM dead_letters ORDER BY at, event_id LIMIT ?'
        const tooMany = Math.max(0, Math.min(beyond, limit))
        const deleted = execute(db, `DELETE FROM dead_letters WHERE event_id IN (${oldest})`, tooMany)
        const old = 'SELECT event_id FROM dead_letters WHERE at < ? ORDER BY at, event_id LIMIT ?'
        const sql = `DELETE FROM dead_letters WHERE event_id IN (${old})`
        return deleted + execute(db, sql, before, limit - deleted)
      })
    },
  }
}
