import { MAX_EVENTS_PER_BATCH, type ModelStageChangedEvent, type Rung } from '@bulkhead/contracts'
import { DatastoreUnavailableError } from '@bulkhead/datastore/errors'
import { createGroupCommit, QueueFullError } from '@bulkhead/datastore/group-commit'
import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { execute, selectAll, selectOne } from '@bulkhead/datastore/sqlite/rows'
import { assertBatchSize } from '../batch-size.ts'
import { groupCounts } from '../exposure-groups.ts'
import type {
  ExperimentationStore,
  ExposureGroup,
  ExposureRecord,
  IncomingEvent,
  KnownModelVersion,
  RejectedEvent,
} from '../port.ts'
import { eventFields, readEvent, writeEvent } from '../stored-json.ts'
import type { SqliteReader } from './reader-thread.ts'

/** Upper bound on events that wait for a commit: ten batches, so that a stalled disk costs little memory. */
const MAX_QUEUE = 10 * MAX_EVENTS_PER_BATCH

/**
 * Not INSERT OR IGNORE: an ignored row uses up a position, so every repeated delivery would.
 * `position` follows the order of commits, because one transaction at a time holds the write lock.
 */
const INSERT_EVENT = `
  INSERT INTO events (event_id, kind, producer, recorded_at, occurred_at, counted_for, variant_key, day, surface,
    rung, unit, body)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12
  WHERE NOT EXISTS (SELECT 1 FROM events WHERE event_id = ?1)`

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
  SELECT wanted.id, events.occurred_at, events.recorded_at FROM wanted
    LEFT JOIN events ON events.event_id = wanted.id
    WHERE events.event_id IS NOT NULL OR EXISTS (SELECT 1 FROM rejections WHERE event_id = wanted.id)`

/** Both null where the event is only among the rejections. */
type RecordRow = {
  readonly id: string
  readonly occurred_at: number | null
  readonly recorded_at: number | null
}

type EventRow = {
  readonly position: number
  readonly producer: string
  readonly recorded_at: number
  readonly body: string
}

/** Of the grouped columns, only those that were asked for are set. */
type CountRow = {
  readonly counted_for: string
  readonly variant_key?: string
  readonly day?: number
  readonly surface?: string
  readonly rung?: Rung
  readonly units: number
  readonly exposures: number
}

const GROUP_COLUMNS = {
  VARIANT: 'variant_key',
  DAY: 'day',
  SURFACE: 'surface',
  RUNG: 'rung',
} as const satisfies Record<ExposureGroup, keyof CountRow>

function insertEvent(db: SqliteDatabase, incoming: IncomingEvent): void {
  const { event, producer, recordedAt } = incoming
  const { occurredAt, countedFor, variantKey, day, surface, rung, unit } = eventFields(incoming)
  execute(
    db,
    INSERT_EVENT,
    event.eventId,
    event.kind,
    producer,
    recordedAt,
    occurredAt,
    countedFor,
    variantKey,
    day,
    surface,
    rung,
    unit,
    writeEvent(event),
  )
  if (event.kind === 'modelStageChanged') keepModelVersion(db, event)
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
  | 'exposureCounts'
  | 'assignPositions'
  | 'head'
  | 'eventsBetween'
> & {
  /** Resolves when every write that was accepted so far has succeeded or failed. */
  drain(): Promise<void>
}

/** @param reader runs the counts, which scan all exposures of an experiment */
export function createSqliteEvents(db: SqliteDatabase, reader: Pick<SqliteReader, 'all'>): SqliteEvents {
  const writes = createGroupCommit<() => void, null>({
    maxBatch: MAX_EVENTS_PER_BATCH,
    maxQueue: MAX_QUEUE,
    commit: (batch) =>
      db.write(() =>
        batch.map((write) => {
          write()
          return null
        }),
      ),
  })

  async function commit(batch: readonly (() => void)[]): Promise<void> {
    assertBatchSize(batch)
    try {
      await Promise.all(batch.map((write) => writes.add(write)))
    } catch (error) {
      if (!(error instanceof QueueFullError)) throw error
      throw new DatastoreUnavailableError(`SQLite does not keep up: ${error.message}`, { cause: error })
    }
  }

  async function readHead(): Promise<number> {
    const sql = 'SELECT coalesce(max(position), 0) AS head FROM events'
    const row = await selectOne<{ readonly head: number }>(db, sql)
    return row?.head ?? 0
  }

  return {
    ingest: (events) => commit(events.map((event) => () => insertEvent(db, event))),

    reject: (events) => commit(events.map((event) => () => insertRejection(db, event))),

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

    async exposureCounts(experimentKeys, groupBy) {
      const columns = ['counted_for', ...new Set(groupBy.map((group) => GROUP_COLUMNS[group]))].join(', ')
      const rows = await reader.all<CountRow>(
        `SELECT ${columns}, count(DISTINCT unit) AS units, count(*) AS exposures FROM events
          WHERE counted_for IN (SELECT value FROM json_each(?)) GROUP BY ${columns}`,
        JSON.stringify(experimentKeys),
      )
      return groupCounts(
        experimentKeys,
        rows.map((row) => [
          row.counted_for,
          {
            variantKey: row.variant_key ?? null,
            day: row.day ?? null,
            surface: row.surface ?? null,
            rung: row.rung ?? null,
            units: row.units,
            exposures: row.exposures,
          },
        ]),
      )
    },

    // Positions come with the insert.
    assignPositions: async () => 0,

    head: readHead,

    async eventsBetween({ after, upTo, limit }) {
      if (upTo <= after || limit <= 0) return []
      const head = await readHead()
      if (upTo > head) throw new RangeError(`upTo ${upTo} is above the head ${head}`)
      const rows = await selectAll<EventRow>(
        db,
        `SELECT position, producer, recorded_at, body FROM events
          WHERE position > ? AND position <= ? ORDER BY position LIMIT ?`,
        after,
        upTo,
        limit,
      )
      return rows.map(({ position, producer, recorded_at: recordedAt, body }) => ({
        event: readEvent(body),
        producer,
        recordedAt,
        position,
      }))
    },

    drain: () => writes.drain(),
  }
}
