import { sortInThreads } from '@bulkhead/datastore/sqlite/deferred-indexes'
import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { execute, oneInTransaction } from '@bulkhead/datastore/sqlite/rows'
import { CONSUMING_TYPES } from '../../domain/interaction.ts'
import { TREND_HALF_LIFE_MS, TREND_LANDMARK } from '../../domain/popularity.ts'

const STALE = 'popularity_stale'
const BUSY_TIMEOUT_MS = 5_000

/** As `popularityOf` counts first uses, over everything that is stored: to follow an index would read each row by itself. */
const COUNT_ALL = `
  INSERT INTO item_popularity (item_id, listeners, trend)
  SELECT item_id, count(*), sum(pow(2, min(1000.0,
    (min(first_use, ?) - ${TREND_LANDMARK}) / ${TREND_HALF_LIFE_MS}.0)))
  FROM (
    SELECT item_id, min(occurred_at) AS first_use FROM interactions NOT INDEXED
    WHERE type IN (${CONSUMING_TYPES.map((type) => `'${type}'`)}) GROUP BY user_id, item_id
  )
  GROUP BY item_id`

/** From now on interactions are stored without being counted; durable, so that a crash is made up for. */
export async function stopCountingPopularity(db: SqliteDatabase): Promise<void> {
  await db.write(() =>
    execute(db, 'INSERT INTO counters (name, value) VALUES (?, 1) ON CONFLICT (name) DO NOTHING', STALE),
  )
}

/** Counts anew what was stored without being counted; nothing where all was. @param now epoch milliseconds */
export function catchUpPopularity(db: SqliteDatabase, now: number): void {
  if (isStale(db)) sortInThreads(db.raw, () => countAnew(db, now))
}

function countAnew(db: SqliteDatabase, now: number): void {
  // Nobody is served yet, so SQLite itself may wait for the lock.
  db.raw.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; BEGIN IMMEDIATE`)
  try {
    // Another process may have counted while this one waited.
    if (isStale(db)) {
      execute(db, 'DELETE FROM item_popularity')
      execute(db, COUNT_ALL, now)
      execute(db, 'DELETE FROM counters WHERE name = ?', STALE)
    }
    db.raw.exec('COMMIT')
  } catch (error) {
    if (db.raw.isTransaction) db.raw.exec('ROLLBACK')
    throw error
  } finally {
    db.raw.exec('PRAGMA busy_timeout = 0')
  }
}

function isStale(db: SqliteDatabase): boolean {
  return oneInTransaction(db, 'SELECT 1 FROM counters WHERE name = ?', STALE) !== undefined
}
