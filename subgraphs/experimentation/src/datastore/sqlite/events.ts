import { MAX_EVENTS_PER_BATCH, RUNGS } from '@bulkhead/contracts'
import { DatastoreUnavailableError } from '@bulkhead/datastore/errors'
import { createGroupCommit, QueueFullError } from '@bulkhead/datastore/group-commit'
import type { SqliteDatabase } from '@bulkhead/datastore/sqlite'
import { assertBatchSize } from '../batch-size.ts'
import { eventFields, readEvent } from '../documents.ts'
import { GROUP_FIELDS, groupCounts } from '../exposure-groups.ts'
import type { ExperimentationStore, ExposureRecord, IncomingEvent, RejectedEvent } from '../port.ts'
import { integer, nullable, text } from './columns.ts'
import type { SqliteReader } from './reader.ts'

/** Events that wait for a commit; ten batches' worth, so that a stalled disk costs a bounded amount of memory. */
const MAX_QUEUE = 10 * MAX_EVENTS_PER_BATCH

/**
 * Not INSERT OR IGNORE: an ignored row still uses up a position, and so would every repetition of a delivery.
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

const GROUP_COLUMNS = {
  variantKey: 'variant_key',
  day: 'day',
  surface: 'surface',
  rung: 'rung',
} as const satisfies Record<(typeof GROUP_FIELDS)[keyof typeof GROUP_FIELDS], string>

function insertEvent(database: SqliteDatabase, incoming: IncomingEvent): void {
  const { event, producer, recordedAt } = incoming
  const { occurredAt, countedFor, variantKey, day, surface, rung, unit } = eventFields(incoming)
  database
    .statement(INSERT_EVENT)
    .run(
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
      JSON.stringify(event),
    )
}

function insertRejection(database: SqliteDatabase, event: RejectedEvent): void {
  const { eventId, producer, code, message, body, rejectedAt } = event
  database.statement(INSERT_REJECTION).run(eventId, producer, code, message, body, rejectedAt)
}

export type SqliteEvents = Pick<
  ExperimentationStore,
  'ingest' | 'reject' | 'exposureRecords' | 'exposureCounts' | 'assignPositions' | 'head' | 'eventsBetween'
> & {
  /** Resolves when every write taken so far is settled. */
  drain(): Promise<void>
}

/** @param reader runs what has to look at every exposure of an experiment */
export function createEvents(database: SqliteDatabase, reader: Pick<SqliteReader, 'all'>): SqliteEvents {
  const writes = createGroupCommit<() => void, null>({
    maxBatch: MAX_EVENTS_PER_BATCH,
    maxQueue: MAX_QUEUE,
    commit: (batch) =>
      database.write(() =>
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
      throw new DatastoreUnavailableError(`SQLite is behind: ${error.message}`, { cause: error })
    }
  }

  function readHead(): number {
    const row = database.statement('SELECT coalesce(max(position), 0) AS head FROM events').get()
    return integer(row?.head)
  }

  return {
    ingest: (events) => commit(events.map((event) => () => insertEvent(database, event))),

    reject: (events) => commit(events.map((event) => () => insertRejection(database, event))),

    exposureRecords: async (eventIds) =>
      database.read(() => {
        const rows = database
          .statement(
            `WITH wanted (id) AS MATERIALIZED (SELECT DISTINCT value FROM json_each(?))
            SELECT wanted.id, events.occurred_at, events.recorded_at FROM wanted
              LEFT JOIN events ON events.event_id = wanted.id
              WHERE events.event_id IS NOT NULL OR EXISTS (SELECT 1 FROM rejections WHERE event_id = wanted.id)`,
          )
          .all(JSON.stringify(eventIds))
        return new Map(
          rows.map((row): [string, ExposureRecord] => {
            const occurredAt = nullable(integer)(row.occurred_at)
            const recordedAt = nullable(integer)(row.recorded_at)
            return occurredAt === null || recordedAt === null
              ? [text(row.id), { type: 'rejected' }]
              : [text(row.id), { type: 'recorded', occurredAt, recordedAt }]
          }),
        )
      }),

    exposureCounts: async (experimentKeys, groupBy) => {
      const fields = new Set(groupBy.map((group) => GROUP_FIELDS[group]))
      const columns = ['counted_for', ...[...fields].map((field) => GROUP_COLUMNS[field])].join(', ')
      const rows = await reader.all(
        `SELECT ${columns}, count(DISTINCT unit) AS units, count(*) AS exposures FROM events
          WHERE counted_for IN (SELECT value FROM json_each(?)) GROUP BY ${columns}`,
        JSON.stringify(experimentKeys),
      )
      return groupCounts(
        experimentKeys,
        rows.map((row) => [
          text(row.counted_for),
          {
            variantKey: fields.has('variantKey') ? text(row.variant_key) : null,
            day: fields.has('day') ? integer(row.day) : null,
            surface: fields.has('surface') ? text(row.surface) : null,
            rung: fields.has('rung') ? (RUNGS.find((rung) => rung === row.rung) ?? null) : null,
            units: integer(row.units),
            exposures: integer(row.exposures),
          },
        ]),
      )
    },

    // Positions come with the insert.
    assignPositions: async () => 0,

    head: async () => database.read(readHead),

    eventsBetween: async ({ after, upTo, limit }) =>
      database.read(() => {
        if (upTo <= after || limit <= 0) return []
        const head = readHead()
        if (upTo > head) throw new RangeError(`upTo ${upTo} is above the head ${head}`)
        return database
          .statement(
            `SELECT position, producer, recorded_at, body FROM events
              WHERE position > ? AND position <= ? ORDER BY position LIMIT ?`,
          )
          .all(after, upTo, limit)
          .map((row) => ({
            event: readEvent(text(row.body)),
            producer: text(row.producer),
            recordedAt: integer(row.recorded_at),
            position: integer(row.position),
          }))
      }),

    drain: () => writes.drain(),
  }
}
