import { DatastoreUnavailableError } from '@bulkhead/datastore/errors'
import { createGroupCommit, QueueFullError } from '@bulkhead/datastore/group-commit'
import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { execute, selectAll } from '@bulkhead/datastore/sqlite/rows'
import type { Interaction } from '../../domain/interaction.ts'
import { type CallLimit, MAX_ROWS_PER_CALL, MAX_WAITING_BATCHES } from '../limits.ts'
import type { PersonalizationStore } from '../port.ts'
import { readSlate } from '../stored-json.ts'
import { consumedItems, type PendingEvents, pendingEvents } from '../write-rules.ts'
import { insertPending } from './pending-events.ts'

type RecordedWrite =
  | {
      readonly type: 'slate'
      readonly id: string
      readonly body: string
      readonly pending: PendingEvents | null
    }
  | {
      readonly type: 'interaction'
      readonly interaction: Interaction
      readonly pending: PendingEvents | null
    }

type RecordingMethods = Pick<
  PersonalizationStore,
  'recordInteractions' | 'importInteractions' | 'saveSlate' | 'slatesByIds'
> & { drain(): Promise<void> }

/**
 * What serving writes. All slates and interactions that arrive in one turn of the event loop share one transaction, and
 * so one fsync. Their outbox entries and popularity counts are part of the same transaction.
 */
export function createSqliteRecording(db: SqliteDatabase, limit: CallLimit): RecordingMethods {
  const commits = createGroupCommit<RecordedWrite, undefined>({
    commit: (batch) =>
      db.write(() => {
        const inserted: Interaction[] = []
        for (const write of batch) {
          if (!insert(write)) continue
          if (write.pending !== null) insertPending(db, entryId(write), write.pending)
          if (write.type === 'interaction') inserted.push(write.interaction)
        }
        countPopularity(inserted)
        return batch.map(() => undefined)
      }),
    maxBatch: MAX_ROWS_PER_CALL,
    maxQueue: MAX_WAITING_BATCHES * MAX_ROWS_PER_CALL,
  })

  function insert(write: RecordedWrite): boolean {
    if (write.type === 'interaction') return insertInteraction(write.interaction)
    const sql = 'INSERT INTO slates (id, body) VALUES (?, ?) ON CONFLICT (id) DO NOTHING'
    return execute(db, sql, write.id, write.body) === 1
  }

  function insertInteraction(interaction: Interaction): boolean {
    const { eventId, userId, itemId, type, slateId, value, occurredAt } = interaction
    const sql = `
      INSERT INTO interactions (event_id, user_id, item_id, type, slate_id, value, occurred_at)
      VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (event_id) DO NOTHING`
    return execute(db, sql, eventId, userId, itemId, type, slateId, value, occurredAt) === 1
  }

  function countPopularity(interactions: readonly Interaction[]): void {
    const sql = `
      INSERT INTO item_popularity (item_id, interactions) VALUES (?, ?)
      ON CONFLICT (item_id) DO UPDATE SET interactions = interactions + excluded.interactions`
    for (const [itemId, count] of consumedItems(interactions)) execute(db, sql, itemId, count)
  }

  /** A full queue means that the datastore is too slow, which callers see as an unavailable datastore. */
  async function settled(writes: readonly RecordedWrite[]): Promise<void> {
    try {
      await Promise.all(writes.map((write) => commits.add(write)))
    } catch (cause) {
      if (!(cause instanceof QueueFullError)) throw cause
      throw new DatastoreUnavailableError(`SQLite does not keep up: ${cause.message}`, { cause })
    }
  }

  return {
    async recordInteractions(records) {
      const writes = records.map(({ interaction, events }): RecordedWrite => {
        return { type: 'interaction', interaction, pending: pendingEvents(events) }
      })
      await settled(writes)
    },

    async importInteractions(interactions) {
      limit.assert('importInteractions', interactions)
      return db.bulkWrite(() => {
        const inserted = interactions.filter(insertInteraction)
        countPopularity(inserted)
        return inserted.length
      })
    },

    async saveSlate(slate, events) {
      const body = JSON.stringify(slate)
      await settled([{ type: 'slate', id: slate.id, body, pending: pendingEvents(events) }])
    },

    async slatesByIds(ids) {
      const sql = 'SELECT body FROM slates WHERE id IN (SELECT value FROM json_each(?))'
      const rows = await selectAll<{ readonly body: string }>(db, sql, JSON.stringify(ids))
      return rows.map(({ body }) => readSlate(body))
    },

    drain: () => commits.drain(),
  }
}

function entryId(write: RecordedWrite): string {
  return write.type === 'slate' ? `slate:${write.id}` : `interaction:${write.interaction.eventId}`
}
