import { workerData } from 'node:worker_threads'
import { answerCalls } from '@bulkhead/threads/answer-calls'
import { openSqliteStore, type SqliteStoreOptions } from './store.ts'

/** The thread that owns the SQLite file of a process. */
const { path, options } = workerData as { readonly path: string; readonly options: SqliteStoreOptions }

answerCalls(() => openSqliteStore(path, options))
