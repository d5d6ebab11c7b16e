import { MAX_EVENTS_PER_BATCH, type ModelStageChangedEvent } from '@bulkhead/contracts'
import { DatastoreUnavailableError } from '@bulkhead/datastore/errors'
import { createGroupCommit, QueueFullError } from '@bulkhead/datastore/group-commit'
import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { execute, oneInTransaction, selectAll, selectOne } from '@bulkhead/datastore/sqlite/rows'
import { assertBatchSize } from '../batch-size.ts'
import { type EventBlock, eventBlocks, readBlock } from '../event-blocks.ts'
import type {
  ExperimentationStore,
  ExposureRecord,
  IncomingEvent,
  KnownModelVersion,
  PositionedEvent,
  RejectedEvent,
} from '../port.ts'

/** Upper bound on events that wait for a commit. Admission refuses before it is reached. */
const MAX_QUEUE = 200 * MAX_EVENTS_PER_BATCH
/** Events of a transaction: enough to share an fsync, few enough to leave the event loop free now and then. */
const MAX_TRANSACTION = 8 * MAX_EVENTS_PER_BATCH

const INSERT_ID = `
  INSERT INTO event_ids (event_id, occurred_at, recorded_at) VALUES (?, ?, ?) ON CONFLICT (event_id) DO NOTHING`

const INSERT_BLOCK = `
  INSERT INTO event_blocks (first, count, kind, producer, recorded_at, rows) VALUES (?, ?, ?, ?, ?, ?)`

const INSERT_REJECTION = `
  INSERT INTO rejections (event_id, producer, code, message, body, rejected_at) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (event_id) DO NOTHING`

/** The newest change wins, in whatever order they arrive. */
const KEEP_MODEL_VERSION = `
  INSERT INTO model_versions (id, stage, change, artefact_hash) VALUES (?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET stage = excluded.stage, change = excluded.change
    WHERE excluded.change > model_versions.change`

const SELECT_RECORDS = `
  WITH wanted (id) AS MATERIALIZED (SELECT DISTINCT value FROM json_each(?))
  SELECT wanted.id, event_ids.occurred_at, event_ids.recorded_at FROM wanted
    LEFT JOIN event_ids ON event_ids.event_id = wanted.id
    WHERE event_ids.event_id IS NOT NULL OR EXISTS (SELECT 1 FROM rejections WHERE event_id = wanted.id)`

/** The first block may begin before the range. */
const SELECT_BLOCKS = `
  SELECT first, producer, recorded_at, rows FROM event_blocks
    WHERE first > ? AND first <= ? AND (?3 IS NULL OR kind IN (SELECT value FROM json_each(?3))) ORDER BY first LIMIT ?`

const BLOCKS_PER_READ = 20

/** Both null where the event is only among the rejections. */
type RecordRow = {
  readonly id: string
  readonly occurred_at: number | null
  readonly recorded_at: number | null
}

type BlockRow = Pick<EventBlock, 'producer' | 'rows'> & {
  readonly first: number
  readonly recorded_at: number
}

/** One call of `ingest` or `reject`: it is stored as a whole, or not at all. */
type Write = { readonly size: number; run(): void }

/**
 * Positions follow the order of commits, because one transaction at a time holds the write lock, and they are given in it.
 * What vouches comes last in its call, and every event that was acknowledged before is committed already.
 */
function insertEvents(db: SqliteDatabase, incoming: readonly IncomingEvent[]): void {
  const added = incoming.filter(
    ({ event, recordedAt }) =>
      execute(db, INSERT_ID, event.eventId, Date.parse(event.occurredAt), recordedAt) === 1,
  )
  for (const { event } of added) if (event.kind === 'modelStageChanged') keepModelVersion(db, event)
  if (added.length === 0) return
  const head = oneInTransaction<{ readonly position: number }>(db, 'SELECT position FROM ingest_head')
  let first = (head?.position ?? 0) + 1
  for (const { count, kind, producer, recordedAt, rows } of eventBlocks(added)) {
    execute(db, INSERT_BLOCK, first, count, kind, producer, recordedAt, rows)
    first += count
  }
  execute(db, 'UPDATE ingest_head SET position = ?', first - 1)
}

function keepModelVersion(db: SqliteDatabase, event: ModelStageChangedEvent): void {
  const { modelVersionId, to, change, artefactHash } = event
  execute(db, KEEP_MODEL_VERSION, modelVersionId, to, change, artefactHash)
}

function insertRejection(db: SqliteDatabase, event: RejectedEvent): void {
  const { eventId, producer, code, message, body, rejectedAt } = event
  execute(db, INSERT_REJECTION, eventId, producer, code, message, body, rejectedAt)
}

type SqliteEvents = Pick<
  ExperimentationStore,
  | 'ingest'
  | 'reject'
  | 'exposureRecords'
  | 'modelVersionsByIds'
  | 'assignPositions'
  | 'unpositioned'
  | 'head'
  | 'eventsBetween'
> & {
  /** Resolves when every write that was accepted so far has succeeded or failed. */
  drain(): Promise<void>
}

export function createSqliteEvents(db: SqliteDatabase): SqliteEvents {
  const writes = createGroupCommit<Write, null>({
    maxBatch: MAX_TRANSACTION,
    maxQueue: MAX_QUEUE,
    weight: ({ size }) => size,
    commit: (batch) =>
      db.write(() =>
        batch.map((write) => {
          write.run()
          return null
        }),
      ),
  })

  async function commit<Item>(items: readonly Item[], run: () => void): Promise<void> {
    assertBatchSize(items)
    if (items.length === 0) return
    try {
      await writes.add({ size: items.length, run })
    } catch (error) {
      if (!(error instanceof QueueFullError)) throw error
      throw new DatastoreUnavailableError(`SQLite does not keep up: ${error.message}`, { cause: error })
    }
  }

  async function readHead(): Promise<number> {
    const row = await selectOne<{ readonly position: number }>(db, 'SELECT position FROM ingest_head')
    return row?.position ?? 0
  }

  return {
    ingest: (events) => commit(events, () => insertEvents(db, events)),

    reject: (events) =>
      commit(events, () => {
        for (const event of events) insertRejection(db, event)
      }),

    async exposureRecords(eventIds) {
      const rows = await selectAll<RecordRow>(db, SELECT_RECORDS, JSON.stringify(eventIds))
      return new Map(
        rows.map(({ id, occurred_at: occurredAt, recorded_at: recordedAt }): [string, ExposureRecord] =>
          occurredAt === null || recordedAt === null
            ? [id, { type: 'rejected' }]
            : [id, { type: 'recorded', occurredAt, recordedAt }],
        ),
      )
    },

    modelVersionsByIds: (ids) =>
      selectAll<KnownModelVersion>(
        db,
        `SELECT id, stage, change, artefact_hash AS artefactHash FROM model_versions
          WHERE id IN (SELECT value FROM json_each(?))`,
        JSON.stringify(ids),
      ),

    // Positions come with the insert.
    assignPositions: async () => 0,
    unpositioned: async () => 0,

    head: readHead,

    async eventsBetween({ after, upTo, limit, kinds }) {
      if (upTo <= after || limit <= 0) return []
      const head = await readHead()
      if (upTo > head) throw new RangeError(`upTo ${upTo} is above the head ${head}`)
      const events: PositionedEvent[] = []
      let from = after - MAX_EVENTS_PER_BATCH
      while (events.length < limit) {
        const blocks = await selectAll<BlockRow>(
          db,
          SELECT_BLOCKS,
          from,
          upTo,
          kinds === undefined ? null : JSON.stringify(kinds),
          Math.min(limit, BLOCKS_PER_READ) + 1,
        )
        for (const { first, producer, recorded_at: recordedAt, rows } of blocks) {
          events.push(...readBlock({ first, producer, recordedAt, rows }, { after, upTo }))
          from = first
          if (events.length >= limit) break
        }
        if (blocks.length <= Math.min(limit, BLOCKS_PER_READ)) break
      }
      return events.slice(0, limit)
    },

    drain: () => writes.drain(),
  }
}
