import { MAX_EVENTS_PER_BATCH } from '@bulkhead/contracts'
import { DatastoreUnavailableError } from '@bulkhead/datastore/errors'
import { createGroupCommit, QueueFullError } from '@bulkhead/datastore/group-commit'
import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { selectAll, selectOne } from '@bulkhead/datastore/sqlite/rows'
import { assertBatchSize } from '../batch-size.ts'
import { type EventBlock, eventBlocks, eventIdsOf, readBlock, withoutRepeatedIds } from '../event-blocks.ts'
import type { ExperimentationStore, ExposureRecord, PositionedEvent } from '../port.ts'
import { splitErasures, unitOf } from '../unit-erasures.ts'
import { createSqliteErasures } from './erasures.ts'
import { eventKey } from './event-key.ts'
import type { EventWriter } from './event-writer.ts'
import type { Write, WriteResult } from './event-writes.ts'

/** Upper bound on events that wait for a commit. Admission refuses before it is reached. */
const MAX_QUEUE = 200 * MAX_EVENTS_PER_BATCH
/**
 * Events of a transaction. Event ids are hashes, so each is inserted into another page of their index: the more of them
 * are committed together, the fewer pages are written for each.
 */
const MAX_TRANSACTION = 32 * MAX_EVENTS_PER_BATCH

const SELECT_RECORDS = `
  WITH wanted (id, key) AS MATERIALIZED (
    SELECT DISTINCT value->>0, unhex(value->>1) FROM json_each(?)
  )
  SELECT wanted.id, event_ids.occurred_at, event_ids.recorded_at FROM wanted
    LEFT JOIN event_ids ON event_ids.key = wanted.key
    WHERE event_ids.key IS NOT NULL OR EXISTS (SELECT 1 FROM rejections WHERE event_id = wanted.id)`

/**
 * A select for each kind, which SQLite merges in the order of the index: with `kind IN (…)` it would sort all blocks of
 * these kinds. The first block may begin before the range.
 */
function selectBlocks(kinds: readonly string[] | undefined): string {
  const all = 'SELECT first, producer, recorded_at, rows FROM event_blocks WHERE first > ?1 AND first <= ?2'
  const selects = kinds?.map((_, at) => `${all} AND kind = ?${at + 4}`) ?? [all]
  return `${selects.join(' UNION ALL ')} ORDER BY first LIMIT ?3`
}

const SELECT_OLDEST_BLOCK =
  'SELECT first, count, producer, recorded_at, rows FROM event_blocks ORDER BY first LIMIT 1'

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

/** How much of the queue it takes. */
function sizeOf(write: Write): number {
  switch (write.type) {
    case 'ingest':
      return Math.max(write.eventIds.length, 1)
    case 'reject':
      return write.events.length
    case 'count':
      return Math.max(write.step.exposures.length, 1)
    case 'erase':
      return write.eventIds.length
    case 'erasure':
      return 1
    case 'eraseRejections':
      return write.limit
  }
}

type SqliteEvents = Pick<
  ExperimentationStore,
  | 'addCounts'
  | 'eraseEvents'
  | 'eraseRejections'
  | 'ingest'
  | 'reject'
  | 'exposureRecords'
  | 'assignPositions'
  | 'unpositioned'
  | 'head'
  | 'eventsBetween'
> &
  ReturnType<typeof createSqliteErasures> & {
    /** Resolves when every write that was accepted so far has succeeded or failed. */
    drain(): Promise<void>
  }

export function createSqliteEvents(db: SqliteDatabase, writer: Pick<EventWriter, 'write'>): SqliteEvents {
  const writes = createGroupCommit<Write, WriteResult>({
    maxBatch: MAX_TRANSACTION,
    maxQueue: MAX_QUEUE,
    weight: sizeOf,
    commit: (batch) => writer.write(batch),
  })

  async function commit(write: Write): Promise<WriteResult> {
    try {
      return await writes.add(write)
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
    async ingest(incoming) {
      assertBatchSize(incoming)
      if (incoming.length === 0) return
      const { erasures, events: all } = splitErasures(incoming)
      const events = withoutRepeatedIds(all)
      await commit({
        type: 'ingest',
        units: events.map(unitOf),
        erasures,
        eventIds: events.map(({ event }) => event.eventId),
        occurredAt: events.map(({ occurredAt }) => occurredAt),
        recordedAt: events.map(({ recordedAt }) => recordedAt),
        blocks: eventBlocks(events),
        modelStages: events.flatMap(({ event }) => (event.kind === 'modelStageChanged' ? [event] : [])),
      })
    },

    async reject(events) {
      assertBatchSize(events)
      if (events.length > 0) await commit({ type: 'reject', events })
    },

    async addCounts(step) {
      return (await commit({ type: 'count', step })) === 'overtaken' ? 'overtaken' : 'added'
    },

    async exposureRecords(eventIds) {
      const wanted = eventIds.map((id) => [id, Buffer.from(eventKey(id)).toString('hex')])
      const rows = await selectAll<RecordRow>(db, SELECT_RECORDS, JSON.stringify(wanted))
      return new Map(
        rows.map(({ id, occurred_at: occurredAt, recorded_at: recordedAt }): [string, ExposureRecord] =>
          occurredAt === null || recordedAt === null
            ? [id, { type: 'rejected' }]
            : [id, { type: 'recorded', occurredAt, recordedAt }],
        ),
      )
    },

    // Positions come with the insert.
    assignPositions: async () => 0,
    unpositioned: async () => ({ events: 0, oldest: null }),

    head: readHead,

    async eventsBetween({ after, upTo, limit, kinds }) {
      if (upTo <= after || limit <= 0) return []
      const head = await readHead()
      if (upTo > head) throw new RangeError(`upTo ${upTo} is above the head ${head}`)
      const chosen = kinds === undefined ? undefined : [...new Set(kinds)]
      if (chosen?.length === 0) return []
      const sql = selectBlocks(chosen)
      const events: PositionedEvent[] = []
      let from = after - MAX_EVENTS_PER_BATCH
      // One more than may be needed, because the first block may end before the range begins.
      const perRead = Math.min(limit, BLOCKS_PER_READ) + 1
      while (events.length < limit) {
        const blocks = await selectAll<BlockRow>(db, sql, from, upTo, perRead, ...(chosen ?? []))
        for (const { first, producer, recorded_at: recordedAt, rows } of blocks) {
          events.push(...readBlock({ first, producer, recordedAt, rows }, { after, upTo }))
          from = first
          if (events.length >= limit) break
        }
        if (blocks.length < perRead) break
      }
      return events.slice(0, limit)
    },

    async eraseEvents({ recordedBefore, upTo, limit }) {
      let erased = 0
      while (erased < limit) {
        const block = await selectOne<BlockRow & { readonly count: number }>(db, SELECT_OLDEST_BLOCK)
        // Positions follow arrival closely, so what comes later is hardly older.
        if (block === undefined || block.recorded_at >= recordedBefore) break
        const { first, count, rows } = block
        if (first + count - 1 > upTo) break
        await commit({ type: 'erase', first, eventIds: eventIdsOf(rows) })
        erased += count
      }
      return erased
    },

    ...createSqliteErasures(db, async (erasure) => Number(await commit({ type: 'erasure', erasure }))),

    async eraseRejections({ rejectedBefore, limit }) {
      return Number(await commit({ type: 'eraseRejections', rejectedBefore, limit }))
    },

    drain: () => writes.drain(),
  }
}
