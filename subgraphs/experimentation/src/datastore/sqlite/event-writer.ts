import { throwAsOutage } from '@bulkhead/datastore/errors'
import { callDatastoreThread } from '@bulkhead/datastore/open-in-thread'
import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { runWrite, type Write, type WriteResult } from './event-writes.ts'

export type EventWriter = {
  /** One transaction for all of them; durable when it resolves. Rejects with DatastoreUnavailableError. */
  write(writes: readonly Write[]): Promise<WriteResult[]>
  /** Ends the thread, if there is one. */
  close(): Promise<void>
}

/**
 * Writes on a thread, so that the event loop reads the next batches while the disk takes the last ones; a database in
 * memory without one, since only its own connection can see it.
 */
export function createEventWriter(db: SqliteDatabase): EventWriter {
  return db.path === ':memory:' ? createInlineWriter(db) : createThreadWriter(db.path)
}

function createInlineWriter(db: SqliteDatabase): EventWriter {
  return {
    write: (writes) => db.write(() => writes.map((write) => runWrite(db, write))),
    async close() {},
  }
}

/** The first write starts the thread. If it has ended, the next write starts it again. */
export function createThreadWriter(path: string): EventWriter {
  const main = new URL('./event-writer-main.ts', import.meta.url)
  const thread = callDatastoreThread<EventWriter>(main, path, 'SQLite')
  return {
    // The file was open before the first write.
    write: (writes) => thread.call('write', writes).catch(throwAsOutage),
    close: thread.close,
  }
}
