import { buildDeferredIndexes, deferIndexes } from '@bulkhead/datastore/sqlite/deferred-indexes'
import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { selectOne } from '@bulkhead/datastore/sqlite/rows'
import { type CallLimit, MAX_ROWS_PER_CALL } from '../limits.ts'
import type { PersonalizationStore } from '../port.ts'
import { catchUpPopularity, stopCountingPopularity } from './popularity.ts'

/**
 * Nobody waits for the lock where this process is alone, so that one transaction may hold many rows. Event ids are in no
 * order: of a large table, each transaction changes nearly all pages of their index, and writes each of them once.
 */
const ROWS_PER_CALL_ALONE = { min: 20_000, max: 50_000 }

/** With fewer, the threads that read and that write would wait for one another. */
const FEWEST_CALLS = 10

type BulkImport = Pick<PersonalizationStore, 'beginBulkImport' | 'endBulkImport'> & {
  /** Whether interactions are stored without indexes, and without being counted for popularity. */
  isDeferring(): boolean
}

export function createSqliteBulkImport(db: SqliteDatabase, limit: CallLimit): BulkImport {
  let deferring = false

  function putInOrder(): void {
    buildDeferredIndexes(db.raw)
    catchUpPopularity(db, Date.now())
  }

  return {
    isDeferring: () => deferring,
    async beginBulkImport(expectedRows) {
      if (!db.alone) return limit.rows
      const { min, max } = ROWS_PER_CALL_ALONE
      limit.rows = Math.floor(Math.min(max, Math.max(min, expectedRows / FEWEST_CALLS)))
      // Few of the rows are ever erased, so that the highest row id is about their count.
      const stored = await selectOne<{ readonly rows: number }>(
        db,
        'SELECT coalesce(max(rowid), 0) AS rows FROM interactions',
      )
      // Building the indexes anew costs as much for each row that was there before as for a new one.
      if (expectedRows < (stored?.rows ?? 0)) {
        // An import that was killed may have left them out.
        putInOrder()
        return limit.rows
      }
      await stopCountingPopularity(db)
      deferIndexes(db.raw, 'interactions')
      deferring = true
      return limit.rows
    },

    async endBulkImport() {
      limit.rows = MAX_ROWS_PER_CALL
      if (!db.alone) return
      putInOrder()
      deferring = false
    },
  }
}
