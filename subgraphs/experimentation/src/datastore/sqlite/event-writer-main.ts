import { workerData } from 'node:worker_threads'
import { openSqlite } from '@bulkhead/datastore/sqlite/open'
import { answerCalls } from '@bulkhead/threads/answer-calls'
import type { EventWriter } from './event-writer.ts'
import { runWrite } from './event-writes.ts'
import { SQLITE_MIGRATIONS } from './migrations.ts'

/**
 * The thread of `./event-writer.ts`: one transaction after another on a connection of its own.
 *
 * Event ids are hashes, so inserts meet pages all over their index. A cache that holds them, and a log that is long enough
 * to write a page once for many inserts, keep ingest from being bound by reading and writing the same pages.
 */
const CACHE_KIB = 65_536
const CHECKPOINT_PAGES = 40_000

answerCalls((): EventWriter => {
  const db = openSqlite(workerData as string, SQLITE_MIGRATIONS)
  db.raw.exec(
    `PRAGMA secure_delete = ON; PRAGMA cache_size = -${CACHE_KIB}; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`,
  )
  return {
    write: (writes) => db.write(() => writes.map((write) => runWrite(db, write))),
    async close() {
      db.close()
    },
  }
})
