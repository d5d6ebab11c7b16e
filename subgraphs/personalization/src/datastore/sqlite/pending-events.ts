import type { IngestEvent } from '@bulkhead/contracts'
import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { execute } from '@bulkhead/datastore/sqlite/rows'
import { modelStageEvents } from '../../domain/model-stage-events.ts'
import type { ModelVersion } from '../../domain/model-version.ts'
import { DUE_AT_ONCE, type PendingEvents, pendingEvents } from '../write-rules.ts'

export const INSERT_OUTBOX_ENTRY =
  'INSERT INTO outbox (id, events, oldest, due_at, attempts) VALUES (?, ?, ?, ?, 0)'

/** The values of INSERT_OUTBOX_ENTRY. */
type OutboxValues = readonly [id: string, events: string, oldest: number, dueAt: number]

/** Adds an entry to the outbox, in the transaction of what caused its events. */
export function insertPending(db: SqliteDatabase, id: string, pending: PendingEvents): void {
  execute(db, INSERT_OUTBOX_ENTRY, ...outboxValues(id, pending))
}

/** As `insertPending`, for events that belong to no slate, interaction or model; nothing where the entry is there. */
export function insertMissingPending(db: SqliteDatabase, id: string, events: readonly IngestEvent[]): void {
  const pending = pendingEvents(events)
  if (pending === null) return
  execute(db, `${INSERT_OUTBOX_ENTRY} ON CONFLICT (id) DO NOTHING`, ...outboxValues(id, pending))
}

/** Puts a version's changes of stage into the outbox; `since` counts those that were told before. */
export function insertModelEvents(db: SqliteDatabase, version: ModelVersion, since: number): void {
  for (const entry of modelEventEntries(version, since)) execute(db, INSERT_OUTBOX_ENTRY, ...entry)
}

/** As `insertModelEvents`, for whoever has a statement already. */
export function modelEventEntries(version: ModelVersion, since: number): OutboxValues[] {
  return modelStageEvents(version, since).flatMap((event) => {
    const pending = pendingEvents([event])
    return pending === null ? [] : [outboxValues(`model:${version.id}:${event.change}`, pending)]
  })
}

function outboxValues(id: string, { events, oldest }: PendingEvents): OutboxValues {
  return [id, events, oldest, DUE_AT_ONCE]
}
