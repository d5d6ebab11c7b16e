import { Worker } from 'node:worker_threads'
import { DatastoreUnavailableError } from '@bulkhead/datastore/errors'
import { type SqliteDatabase, translateSqliteError } from '@bulkhead/datastore/sqlite/open'
import { selectAll } from '@bulkhead/datastore/sqlite/rows'

/** Runs reads that scan: the more data, the longer they take. */
export type SqliteReader = {
  /**
   * The rows of a statement with one parameter. They include every write that was acknowledged before the call.
   * Rejects with DatastoreUnavailableError, also if too many reads are waiting.
   */
  all<Row>(sql: string, parameter: string): Promise<readonly Row[]>
  /** Ends the thread, if there is one; reads under way are rejected. */
  close(): Promise<void>
}

export type ReaderRequest = { readonly id: number; readonly sql: string; readonly parameter: string }

export type ReaderReply =
  | { readonly id: number; readonly type: 'rows'; readonly rows: readonly unknown[] }
  | {
      readonly id: number
      readonly type: 'failed'
      readonly message: string
      readonly errcode: number | null
    }

/** Upper bound on waiting reads. Each may take some hundred milliseconds, so later callers would time out. */
const MAX_WAITING = 32

/** Reads on a thread, except from a database in memory: only its own connection can see it. */
export function createSqliteReader(db: SqliteDatabase): SqliteReader {
  return db.path === ':memory:' ? createInlineReader(db) : createThreadReader(db.path)
}

function createInlineReader(db: SqliteDatabase): SqliteReader {
  return {
    all: async <Row>(sql: string, parameter: string) => selectAll<Row>(db, sql, parameter),
    async close() {},
  }
}

type Waiting = { resolve(rows: readonly unknown[]): void; reject(error: unknown): void }
type Thread = { readonly worker: Worker; readonly waiting: Map<number, Waiting> }

/**
 * Reads on a thread with a read-only connection of its own, so that a scan does not block the event loop. The first
 * read starts the thread. If the thread has ended, the next read starts it again.
 */
export function createThreadReader(path: string): SqliteReader {
  let thread: Thread | null = null
  let closed = false
  let lastId = 0

  function start(): Thread {
    const worker = new Worker(new URL('./reader-thread-main.ts', import.meta.url), { workerData: path })
    const started: Thread = { worker, waiting: new Map() }
    function end(cause: unknown) {
      if (thread === started) thread = null
      for (const { reject } of started.waiting.values()) reject(ended(cause))
      started.waiting.clear()
    }
    worker.on('message', (reply: ReaderReply) => settle(started, reply))
    worker.on('error', end)
    worker.on('exit', end)
    return started
  }

  return {
    all<Row>(sql: string, parameter: string): Promise<readonly Row[]> {
      if (closed) return Promise.reject(new DatastoreUnavailableError('SQLite: database is not open'))
      thread ??= start()
      const { worker, waiting } = thread
      if (waiting.size >= MAX_WAITING) {
        return Promise.reject(
          new DatastoreUnavailableError(`SQLite: ${MAX_WAITING} reads are waiting already`),
        )
      }
      lastId += 1
      const request: ReaderRequest = { id: lastId, sql, parameter }
      return new Promise((resolve, reject) => {
        // The caller declares the type of the rows, as with `selectAll`.
        waiting.set(request.id, { resolve: (rows) => resolve(rows as readonly Row[]), reject })
        // A thread with a read keeps the process alive, an idle one does not.
        worker.ref()
        worker.postMessage(request)
      })
    },
    async close() {
      closed = true
      await thread?.worker.terminate()
    },
  }
}

function settle({ worker, waiting }: Thread, reply: ReaderReply): void {
  const read = waiting.get(reply.id)
  waiting.delete(reply.id)
  if (waiting.size === 0) worker.unref()
  if (reply.type === 'rows') {
    read?.resolve(reply.rows)
    return
  }
  const { message, errcode } = reply
  read?.reject(translateSqliteError(Object.assign(new Error(message), errcode !== null && { errcode })))
}

function ended(cause: unknown): DatastoreUnavailableError {
  return new DatastoreUnavailableError('SQLite: the reader thread has ended', { cause })
}
