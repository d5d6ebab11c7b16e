import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { execute } from '@bulkhead/datastore/sqlite/rows'
import { modelStageEvents } from '../../domain/model-stage-events.ts'
import type { ModelVersion } from '../../domain/model-version.ts'
import { DUE_AT_ONCE, type PendingEvents, pendingEvents } from '../write-rules.ts'

/** Adds an entry to the outbox, in the transaction of what caused its events. */
export function insertPending(db: SqliteDatabase, id: string, { events, oldest }: PendingEvents): void {
  const sql = 'INSERT INTO outbox (id, events, oldest, due_at, attempts) VALUES (?, ?, ?, ?, 0)'
  execute(db, sql, id, events, oldest, DUE_AT_ONCE)
}

/** Puts a version's changes of stage into the outbox; `since` counts those that were told before. */
export function insertModelEvents(db: SqliteDatabase, version: ModelVersion, since: number): void {
  for (const event of modelStageEvents(version, since)) {
    const pending = pendingEvents([event])
    if (pending !== null) insertPending(db, `model:${version.id}:${event.change}`, pending)
  }
}
