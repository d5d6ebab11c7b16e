import type { ModelStageChangedEvent } from '@bulkhead/contracts'
import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { execute, oneInTransaction } from '@bulkhead/datastore/sqlite/rows'
import { isErased, type UnitErasure } from '../../domain/erasure.ts'
import { isErasedBody, unitsOfBody } from '../erased-bodies.ts'
import { type EventBlock, withoutEvents } from '../event-blocks.ts'
import { rollbackTime } from '../model-stages.ts'
import type { RejectedEvent } from '../port.ts'
import { addCounts, type CountStep } from './counts.ts'
import { type ErasureWrite, erasedAmong, keepErasures, runErasure } from './erasures.ts'
import { eventKey } from './event-key.ts'

/** One call of the store. It is stored as a whole or not at all, in a transaction that it may share with others. */
export type Write =
  | {
      readonly type: 'ingest'
      /** Of the events, all in the same order: lists are sent to a thread in less time than many small objects. */
      readonly eventIds: readonly string[]
      readonly units: readonly (string | null)[]
      readonly occurredAt: readonly number[]
      readonly recordedAt: readonly number[]
      readonly blocks: readonly EventBlock[]
      readonly modelStages: readonly ModelStageChangedEvent[]
      readonly erasures: readonly Omit<UnitErasure, 'progress'>[]
    }
  | { readonly type: 'reject'; readonly events: readonly RejectedEvent[] }
  | { readonly type: 'count'; readonly step: CountStep }
  | { readonly type: 'erase'; readonly first: number; readonly eventIds: readonly string[] }
  | { readonly type: 'erasure'; readonly erasure: ErasureWrite }
  | { readonly type: 'eraseRejections'; readonly rejectedBefore: number; readonly limit: number }

/** A number is how many were erased. */
export type WriteResult = 'stored' | 'overtaken' | number

const INSERT_ID = `
  INSERT INTO event_ids (key, occurred_at, recorded_at) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING`

const INSERT_BLOCK = `
  INSERT INTO event_blocks (first, count, kind, producer, recorded_at, rows) VALUES (?, ?, ?, ?, ?, ?)`

const INSERT_REJECTION = `
  INSERT INTO rejections (event_id, producer, code, message, body, rejected_at) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (event_id) DO NOTHING`

/** The newest change wins, in whatever order they arrive; `max` of SQLite is null where one of them is. */
const KEEP_MODEL_VERSION = `
  INSERT INTO model_versions (id, stage, change, artefact_hash, rolled_back_at) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET
    stage = iif(excluded.change > change, excluded.stage, stage),
    artefact_hash = iif(excluded.change > change, excluded.artefact_hash, artefact_hash),
    rolled_back_at = coalesce(max(excluded.rolled_back_at, rolled_back_at), excluded.rolled_back_at, rolled_back_at),
    change = max(excluded.change, change)`

const ERASE_REJECTIONS = `
  DELETE FROM rejections WHERE id IN (SELECT id FROM rejections WHERE rejected_at < ? ORDER BY rejected_at LIMIT ?)`

/** Runs inside a transaction. */
export function runWrite(db: SqliteDatabase, write: Write): WriteResult {
  switch (write.type) {
    case 'ingest':
      insertEvents(db, write)
      return 'stored'
    case 'reject':
      insertRejections(db, write.events)
      return 'stored'
    case 'count':
      return addCounts(db, write.step)
    case 'erase':
      for (const id of write.eventIds) execute(db, 'DELETE FROM event_ids WHERE key = ?', eventKey(id))
      execute(db, 'DELETE FROM event_blocks WHERE first = ?', write.first)
      return 'stored'
    case 'erasure':
      return runErasure(db, write.erasure)
    case 'eraseRejections':
      return execute(db, ERASE_REJECTIONS, write.rejectedBefore, write.limit)
  }
}

/**
 * Positions follow the order of commits, because one transaction at a time holds the write lock, and they are given in it.
 * What vouches comes last in its call, and every event that was acknowledged before is committed already.
 */
function insertEvents(
  db: SqliteDatabase,
  {
    eventIds,
    units,
    occurredAt,
    recordedAt,
    blocks,
    modelStages,
    erasures,
  }: Extract<Write, { type: 'ingest' }>,
): void {
  keepErasures(db, erasures)
  const erased = erasedAmong(db, units)
  const known = new Set(
    eventIds.filter((id, at) => {
      const unit = units[at] ?? null
      if (unit !== null && isErased(unit, occurredAt[at] ?? 0, erased)) return true
      return execute(db, INSERT_ID, eventKey(id), occurredAt[at] ?? 0, recordedAt[at] ?? 0) === 0
    }),
  )
  for (const event of modelStages) {
    const { modelVersionId, to, change, artefactHash } = event
    execute(db, KEEP_MODEL_VERSION, modelVersionId, to, change, artefactHash, rollbackTime(event))
  }
  const added = known.size === 0 ? blocks : blocks.flatMap((block) => withoutEvents(block, known))
  if (added.length === 0) return
  const head = oneInTransaction<{ readonly position: number }>(db, 'SELECT position FROM ingest_head')
  let first = (head?.position ?? 0) + 1
  for (const { count, kind, producer, recordedAt, rows } of added) {
    execute(db, INSERT_BLOCK, first, count, kind, producer, recordedAt, rows)
    first += count
  }
  execute(db, 'UPDATE ingest_head SET position = ?', first - 1)
}

function insertRejections(db: SqliteDatabase, events: readonly RejectedEvent[]): void {
  const erased = erasedAmong(
    db,
    events.flatMap(({ body }) => unitsOfBody(body)),
  )
  for (const { eventId, producer, code, message, body, rejectedAt } of events) {
    const kept = isErasedBody(body, erased) ? '' : body
    execute(db, INSERT_REJECTION, eventId, producer, code, message, kept, rejectedAt)
  }
}
