import type { IngestEvent } from '@bulkhead/contracts'
import { DatastoreUnavailableError } from '@bulkhead/datastore/errors'
import { createGroupCommit, QueueFullError } from '@bulkhead/datastore/group-commit'
import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { execute, selectAll } from '@bulkhead/datastore/sqlite/rows'
import type { Interaction } from '../../domain/interaction.ts'
import type { CandidateLog } from '../../domain/off-policy/candidate-log.ts'
import { isUse, popularityOf } from '../../domain/popularity.ts'
import type { Slate } from '../../domain/slate.ts'
import { type CallLimit, MAX_ROWS_PER_CALL, MAX_WAITING_BATCHES } from '../limits.ts'
import type { PersonalizationStore } from '../port.ts'
import { readSlate, writeCandidates } from '../stored-json.ts'
import { type PendingEvents, pendingEvents } from '../write-rules.ts'
import { hasUse } from './item-uses.ts'
import { insertPending } from './pending-events.ts'

/** A slate as it is stored, its events and its candidates. */
export type SlateRow = Pick<Slate, 'id' | 'userId' | 'createdAt'> & {
  readonly body: string
  readonly candidates: string | null
  readonly pending: PendingEvents | null
}

/** @throws RangeError as `pendingEvents` */
export function slateRow(
  slate: Slate,
  events: readonly IngestEvent[],
  candidates: CandidateLog | null,
): SlateRow {
  const { id, userId, createdAt } = slate
  const texts = { body: JSON.stringify(slate), candidates: writeCandidates(candidates) }
  return { id, userId, createdAt, ...texts, pending: pendingEvents(events) }
}

type RecordedWrite =
  | (SlateRow & { readonly type: 'slate' })
  | {
      readonly type: 'interaction'
      readonly interaction: Interaction
      readonly pending: PendingEvents | null
    }

type RecordingMethods = Pick<
  PersonalizationStore,
  'recordInteractions' | 'importInteractions' | 'saveSlate' | 'slatesByIds' | 'expireSlates'
> & {
  /** `saveSlate` of what `slateRow` gives. */
  saveSlateRow(row: SlateRow): Promise<void>
  drain(): Promise<void>
}

/**
 * What serving writes. All slates and interactions that arrive in one turn of the event loop share one transaction, and
 * so one fsync. Their outbox entries and popularity counts are part of the same transaction.
 */
export function createSqliteRecording(
  db: SqliteDatabase,
  limit: CallLimit,
  isDeferring: () => boolean,
): RecordingMethods {
  const commits = createGroupCommit<RecordedWrite, undefined>({
    commit: (batch) =>
      db.write(() => {
        const firstUses: Interaction[] = []
        for (const write of batch) {
          const isFirst = write.type === 'interaction' && isFirstUse(write.interaction)
          if (!insert(write)) continue
          if (write.pending !== null) insertPending(db, entryId(write), write.pending)
          if (isFirst) firstUses.push(write.interaction)
        }
        countPopularity(firstUses)
        return batch.map(() => undefined)
      }),
    maxBatch: MAX_ROWS_PER_CALL,
    maxQueue: MAX_WAITING_BATCHES * MAX_ROWS_PER_CALL,
  })

  function insert(write: RecordedWrite): boolean {
    if (write.type === 'interaction') return insertInteraction(write.interaction)
    const { id, userId, createdAt } = write
    const sql = `
      INSERT INTO slates (id, body, user_id, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`
    if (execute(db, sql, id, write.body, userId, createdAt) === 0) return false
    if (write.candidates === null) return true
    execute(db, 'INSERT INTO slate_candidates (slate_id, body) VALUES (?, ?)', id, write.candidates)
    return true
  }

  function insertInteraction(interaction: Interaction): boolean {
    const { eventId, userId, itemId, type, slateId, value, occurredAt, hiddenCreator = null } = interaction
    const sql = `
      INSERT INTO interactions (event_id, user_id, item_id, type, slate_id, value, occurred_at, hidden_creator)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (event_id) DO NOTHING`
    return execute(db, sql, eventId, userId, itemId, type, slateId, value, occurredAt, hiddenCreator) === 1
  }

  /** Whether the user has not consumed the item before; asked before the interaction is inserted. */
  function isFirstUse(interaction: Interaction): boolean {
    if (!isUse(interaction)) return false
    return !hasUse(db, interaction.userId, interaction.itemId)
  }

  function countPopularity(firstUses: readonly Interaction[]): void {
    const sql = `
      INSERT INTO item_popularity (item_id, listeners, trend) VALUES (?, ?, ?)
      ON CONFLICT (item_id) DO UPDATE SET
        listeners = listeners + excluded.listeners, trend = trend + excluded.trend`
    for (const [itemId, { listeners, trend }] of popularityOf(firstUses, Date.now())) {
      execute(db, sql, itemId, listeners, trend)
    }
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

  const saveSlateRow = (row: SlateRow): Promise<void> => settled([{ type: 'slate', ...row }])

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
        const firstUses: Interaction[] = []
        let inserted = 0
        for (const interaction of interactions) {
          const isFirst = !isDeferring() && isFirstUse(interaction)
          if (!insertInteraction(interaction)) continue
          inserted++
          if (isFirst) firstUses.push(interaction)
        }
        countPopularity(firstUses)
        return inserted
      })
    },

    async saveSlate(slate, events, candidates = null) {
      await saveSlateRow(slateRow(slate, events, candidates))
    },

    saveSlateRow,

    async slatesByIds(ids) {
      const sql = 'SELECT body FROM slates WHERE id IN (SELECT value FROM json_each(?))'
      const rows = await selectAll<{ readonly body: string }>(db, sql, JSON.stringify(ids))
      return rows.map(({ body }) => readSlate(body))
    },

    // The events of a slate are rows of the outbox, so that it can go without them.
    async expireSlates({ before, limit }) {
      const some = 'SELECT id FROM slates WHERE created_at < ? ORDER BY created_at LIMIT ?'
      return db.bulkWrite(() => execute(db, `DELETE FROM slates WHERE id IN (${some})`, before, limit))
    },

    drain: () => commits.drain(),
  }
}

function entryId(write: RecordedWrite): string {
  return write.type === 'slate' ? `slate:${write.id}` : `interaction:${write.interaction.eventId}`
}
