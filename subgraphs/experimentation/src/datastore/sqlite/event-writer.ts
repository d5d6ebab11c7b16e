import { Worker } from 'node:worker_threads'
import { DatastoreUnavailableError } from '@bulkhead/datastore/errors'
import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { runWrite, type Write, type WriteResult } from './event-writes.ts'

export type EventWriter = {
  /** One transaction for all of them; durable when it resolves. Rejects with DatastoreUnavailableError. */
  write(writes: readonly Write[]): Promise<WriteResult[]>
  /** Ends the thread, if there is one. */
  close(): Promise<void>
}

export type WriterRequest = { readonly id: number; readonly writes: readonly Write[] } | 'close'

export type WriterReply =
  | { readonly id: number; readonly type: 'written'; readonly results: readonly WriteResult[] }
  | { readonly id: number; readonly type: 'failed'; readonly outage: boolean; readonly message: string }

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

type Waiting = { resolve(results: WriteResult[]): void; reject(error: unknown): void }
type Thread = {
  readonly worker: Worker
  readonly ended: Promise<void>
  readonly waiting: Map<number, Waiting>
}

/** The first write starts the thread. If it has ended, the next write starts it again. */
export function createThreadWriter(path: string): EventWriter {
  let thread: Thread | null = null
  let closed = false
  let lastId = 0

  function start(): Thread {
    const worker = new Worker(new URL('./event-writer-main.ts', import.meta.url), { workerData: path })
    const ended = Promise.withResolvers<void>()
    const started: Thread = { worker, ended: ended.promise, waiting: new Map() }
    function end(cause: unknown) {
      if (thread === started) thread = null
      // Whether the last transaction was committed is not known; writing it again is harmless.
      const error = new DatastoreUnavailableError('SQLite: the writer thread has ended', { cause })
      for (const { reject } of started.waiting.values()) reject(error)
      started.waiting.clear()
      ended.resolve()
    }
    worker.on('message', (reply: WriterReply) => settle(started, reply))
    worker.on('error', end)
    worker.on('exit', end)
    return started
  }

  return {
    write(writes) {
      if (closed) return Promise.reject(new DatastoreUnavailableError('SQLite: database is not open'))
      thread ??= start()
      const { worker, waiting } = thread
      lastId += 1
      const request: WriterRequest = { id: lastId, writes }
      return new Promise((resolve, reject) => {
        waiting.set(request.id, { resolve, reject })
        // A thread that writes keeps the process alive, an idle one does not.
        worker.ref()
        worker.postMessage(request)
      })
    },
    async close() {
      closed = true
      if (thread === null) return
      const { worker, ended } = thread
      worker.ref()
      worker.postMessage('close' satisfies WriterRequest)
      await ended
    },
  }
}

function settle({ worker, waiting }: Thread, reply: WriterReply): void {
  const write = waiting.get(reply.id)
  waiting.delete(reply.id)
  if (waiting.size === 0) worker.unref()
  if (reply.type === 'written') write?.resolve([...reply.results])
  else if (reply.outage) write?.reject(new DatastoreUnavailableError(reply.message))
  else write?.reject(new Error(reply.message))
}
