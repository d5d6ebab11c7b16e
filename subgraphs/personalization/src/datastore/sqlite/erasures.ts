import { slateUnitHash } from '@bulkhead/contracts'
import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { allInTransaction, execute, oneInTransaction, selectAll } from '@bulkhead/datastore/sqlite/rows'
import type { Erasure } from '../../domain/erasure.ts'
import type { Interaction } from '../../domain/interaction.ts'
import { popularityOfUses } from '../../domain/popularity.ts'
import { isOpen, NOTHING_ERASED } from '../erasure-rules.ts'
import type { ErasedRows, PersonalizationStore } from '../port.ts'
import { hasUse } from './item-uses.ts'
import { insertMissingPending } from './pending-events.ts'

type ErasureMethods = Pick<
  PersonalizationStore,
  'beginErasure' | 'eraseSome' | 'openErasures' | 'finishErasure' | 'erasureLog'
>

type Range = { readonly userId: string; readonly through: number; readonly limit: number }

const COLUMNS = `
  id, user_id AS userId, user_hash AS userHash, by, at, interactions, slates, finished_at AS finishedAt`

/** Erasures on SQLite. Events that are not delivered have rows of their own in the outbox, so they simply stay. */
export function createSqliteErasures(db: SqliteDatabase): ErasureMethods {
  function eraseInteractions({ userId, through, limit }: Range): number {
    // The newest first, so that the use which counted is among the last of its item.
    const erased = allInTransaction<Pick<Interaction, 'itemId' | 'type' | 'occurredAt'>>(
      db,
      `DELETE FROM interactions WHERE event_id IN (
         SELECT event_id FROM interactions WHERE user_id = ? AND occurred_at <= ?
         ORDER BY occurred_at DESC, event_id DESC LIMIT ?
       ) RETURNING item_id AS itemId, type, occurred_at AS occurredAt`,
      userId,
      through,
      limit,
    )
    for (const [itemId, { listeners, trend }] of popularityOfUses(erased, Date.now())) {
      if (hasUse(db, userId, itemId)) continue
      const uncount =
        'UPDATE item_popularity SET listeners = listeners - ?, trend = trend - ? WHERE item_id = ?'
      execute(db, uncount, listeners, trend, itemId)
      execute(db, 'DELETE FROM item_popularity WHERE item_id = ? AND listeners <= 0', itemId)
    }
    return erased.length
  }

  function eraseSlates({ userId, through, limit }: Range): number {
    // The ids of a user's slates begin with the user's hash. An index by user would make each new slate write one page more.
    const from = `${slateUnitHash(userId)}-`
    const to = `${slateUnitHash(userId)}.`
    const some = 'SELECT id FROM slates WHERE id > ? AND id < ? AND user_id = ? AND created_at <= ? LIMIT ?'
    return execute(db, `DELETE FROM slates WHERE id IN (${some})`, from, to, userId, through, limit)
  }

  function eraseDeadLetters({ userId, through, limit }: Range): number {
    const some = 'SELECT event_id FROM dead_letters WHERE unit = ? AND at <= ? LIMIT ?'
    return execute(db, `DELETE FROM dead_letters WHERE event_id IN (${some})`, userId, through, limit)
  }

  function eraseSome(erasureId: string, through: number, limit: number): ErasedRows {
    const sql = 'SELECT user_id AS userId FROM erasures WHERE id = ? AND finished_at IS NULL'
    const open = oneInTransaction<{ readonly userId: string }>(db, sql, erasureId)
    if (open === undefined) return NOTHING_ERASED
    const range = { userId: open.userId, through, limit }
    const erased = {
      interactions: eraseInteractions(range),
      slates: eraseSlates(range),
      deadLetters: eraseDeadLetters(range),
    }
    const count = 'UPDATE erasures SET interactions = interactions + ?, slates = slates + ? WHERE id = ?'
    execute(db, count, erased.interactions, erased.slates, erasureId)
    return erased
  }

  return {
    async beginErasure({ id, userId, userHash, by, at }, event) {
      const sql = `
        INSERT INTO erasures (id, user_id, user_hash, by, at, interactions, slates) VALUES (?, ?, ?, ?, ?, 0, 0)
        ON CONFLICT (id) DO NOTHING`
      await db.write(() => {
        if (execute(db, sql, id, userId, userHash, by, at) === 0) return
        insertMissingPending(db, `event:erasure:${id}`, [event])
      })
    },

    eraseSome: ({ erasureId, through, limit }) => db.bulkWrite(() => eraseSome(erasureId, through, limit)),

    async openErasures(limit) {
      const sql = `SELECT ${COLUMNS} FROM erasures WHERE finished_at IS NULL ORDER BY at, id LIMIT ?`
      return (await selectAll<Erasure>(db, sql, limit)).map(readErasure).filter(isOpen)
    },

    async finishErasure(id, at) {
      const sql = 'UPDATE erasures SET finished_at = ?, user_id = NULL WHERE id = ? AND finished_at IS NULL'
      await db.write(() => execute(db, sql, at, id))
    },

    async erasureLog(limit) {
      const sql = `SELECT ${COLUMNS} FROM erasures ORDER BY at DESC, id DESC LIMIT ?`
      return (await selectAll<Erasure>(db, sql, limit)).map(readErasure)
    },
  }
}

/** Copies the row into a plain object, because SQLite's rows have no prototype. */
function readErasure(row: Erasure): Erasure {
  return { ...row }
}
