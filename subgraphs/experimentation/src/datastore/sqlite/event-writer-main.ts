import { parentPort, workerData } from 'node:worker_threads'
import { DatastoreStartupError, DatastoreUnavailableError } from '@bulkhead/datastore/errors'
import { openSqlite, type SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import type { WriterReply, WriterRequest } from './event-writer.ts'
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

let opened: SqliteDatabase | undefined

/** By the first write, so that a file that cannot be opened fails this write and not the thread. */
function database(): SqliteDatabase {
  if (opened !== undefined) return opened
  opened = openSqlite(workerData, SQLITE_MIGRATIONS)
  opened.raw.exec(
    `PRAGMA secure_delete = ON; PRAGMA cache_size = -${CACHE_KIB}; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`,
  )
  return opened
}

async function answer({ id, writes }: Exclude<WriterRequest, 'close'>): Promise<WriterReply> {
  try {
    const db = database()
    const results = await db.write(() => writes.map((write) => runWrite(db, write)))
    return { id, type: 'written', results }
  } catch (error) {
    const { message } = error instanceof Error ? error : new Error(String(error))
    // The file was open before, so that it cannot be opened now is an outage too.
    const outage = error instanceof DatastoreUnavailableError || error instanceof DatastoreStartupError
    return { id, type: 'failed', outage, message }
  }
}

parentPort?.on('message', (request: WriterRequest) => {
  if (request === 'close') {
    opened?.close()
    parentPort?.close()
  } else void answer(request).then((reply) => parentPort?.postMessage(reply))
})
