import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import type { ReaderReply, ReaderRequest } from './reader-thread.ts'

/** The thread of `./reader-thread.ts`: runs one statement after another on a connection of its own. */
const BUSY_TIMEOUT_MS = 5_000

let database: DatabaseSync | undefined

function answer({ id, sql, parameter }: ReaderRequest): ReaderReply {
  try {
    // Opened by the first read, so that a file that cannot be opened fails this read and not the thread.
    database ??= new DatabaseSync(workerData, { readOnly: true, timeout: BUSY_TIMEOUT_MS })
    return { id, type: 'rows', rows: database.prepare(sql).all(parameter) }
  } catch (error) {
    const { message } = error instanceof Error ? error : new Error(String(error))
    const code = error instanceof Error && 'errcode' in error ? error.errcode : null
    return { id, type: 'failed', message, errcode: typeof code === 'number' ? code : null }
  }
}

parentPort?.on('message', (request: ReaderRequest) => parentPort?.postMessage(answer(request)))
