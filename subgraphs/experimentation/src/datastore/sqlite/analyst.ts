import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { execute, selectAll, selectOne } from '@bulkhead/datastore/sqlite/rows'
import type { AnalysisRequest, AnalystStore, KnownErasure, ToldLook } from '../analyst-port.ts'
import { readJsonObject } from '../stored-object.ts'

const SELECT_LEASE = 'SELECT holder, beat, through, caught_up_at FROM analyst_lease'

/** The one row has the key 1, so that only one of two first holders can insert it. */
const FIRST_LEASE = `
  INSERT INTO analyst_lease (id, holder, beat, through, caught_up_at) VALUES (1, ?, ?, ?, ?)
    ON CONFLICT (id) DO NOTHING`
const NEXT_LEASE =
  'UPDATE analyst_lease SET holder = ?, beat = ?, through = ?, caught_up_at = ? WHERE beat = ?'

const SELECT_START = `
  SELECT coalesce((SELECT min(first) - 1 FROM event_blocks), (SELECT position FROM ingest_head)) AS position`

const SELECT_ERASURES = `
  SELECT unit_hash AS unitHash, occurred_at AS occurredAt, recorded_at AS recordedAt, unit IS NULL AS done
    FROM erasures WHERE recorded_at >= ? ORDER BY recorded_at, unit_hash`

const INSERT_REQUEST = `
  INSERT INTO analysis_requests (id, experiment_key, cutoff, requested_by, requested_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (id) DO NOTHING`
const SELECT_REQUESTS = `
  SELECT id, experiment_key AS experimentKey, cutoff, requested_by AS requestedBy, requested_at AS requestedAt
    FROM analysis_requests WHERE outcome IS NULL ORDER BY requested_at, id LIMIT ?`

const INSERT_NOTIFICATION = `
  INSERT INTO notifications (id, receiver, body, attempts, due_at, created_at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (id, receiver) DO NOTHING`
const SELECT_NOTIFICATIONS = `
  SELECT id, receiver, body, attempts, due_at, created_at FROM notifications
    WHERE due_at <= ? ORDER BY due_at, id, receiver LIMIT ?`

type LeaseRow = {
  readonly holder: string | null
  readonly beat: number
  readonly through: number
  readonly caught_up_at: number
}
type NotificationRow = {
  readonly id: string
  readonly receiver: string
  readonly body: string
  readonly attempts: number
  readonly due_at: number
  readonly created_at: number
}

export function createSqliteAnalyst(db: SqliteDatabase): AnalystStore {
  return {
    async lease() {
      const row = await selectOne<LeaseRow>(db, SELECT_LEASE)
      if (row === undefined) return null
      const { holder, beat, through, caught_up_at: caughtUpAt } = row
      return { holder, beat, progress: { through, caughtUpAt } }
    },

    async replaceLease({ expectedBeat, lease: { holder, beat, progress } }) {
      const values = [holder, beat, progress.through, progress.caughtUpAt] as const
      const written = await db.write(() =>
        expectedBeat === null
          ? execute(db, FIRST_LEASE, ...values)
          : execute(db, NEXT_LEASE, ...values, expectedBeat),
      )
      return written === 1
    },

    async logId() {
      const row = await selectOne<{ readonly id: string }>(db, 'SELECT id FROM log_identity')
      if (row === undefined) throw new Error('the datastore has no log id')
      return row.id
    },

    async logStart() {
      return (await selectOne<{ readonly position: number }>(db, SELECT_START))?.position ?? 0
    },

    async erasuresSince(recordedAt) {
      const rows = await selectAll<Omit<KnownErasure, 'done'> & { readonly done: number }>(
        db,
        SELECT_ERASURES,
        recordedAt,
      )
      return rows.map(({ unitHash, occurredAt, recordedAt: at, done }) => ({
        ...{ unitHash, occurredAt, recordedAt: at },
        done: done === 1,
      }))
    },

    async addAnalysisRequest({ id, experimentKey, cutoff, requestedBy, requestedAt }) {
      await db.write(() => execute(db, INSERT_REQUEST, id, experimentKey, cutoff, requestedBy, requestedAt))
    },

    async waitingAnalysisRequests(limit) {
      const rows = await selectAll<AnalysisRequest>(db, SELECT_REQUESTS, limit)
      return rows.map((row) => ({ ...row }))
    },

    async settleAnalysisRequest(id, outcome) {
      const text = JSON.stringify(outcome)
      await db.write(() =>
        execute(
          db,
          'UPDATE analysis_requests SET outcome = ? WHERE id = ? AND outcome IS NULL',
          ...[text, id],
        ),
      )
    },

    async analysisOutcome(id) {
      const sql = 'SELECT outcome FROM analysis_requests WHERE id = ? AND outcome IS NOT NULL'
      const row = await selectOne<{ readonly outcome: string }>(db, sql, id)
      return row === undefined ? null : readJsonObject(row.outcome)
    },

    async forgetAnalysisRequests(requestedBefore) {
      await db.write(() =>
        execute(db, 'DELETE FROM analysis_requests WHERE requested_at < ?', requestedBefore),
      )
    },

    async addNotifications(notifications) {
      if (notifications.length === 0) return
      await db.write(() => {
        for (const { id, receiver, body, attempts, dueAt, createdAt } of notifications) {
          execute(db, INSERT_NOTIFICATION, id, receiver, JSON.stringify(body), attempts, dueAt, createdAt)
        }
      })
    },

    async dueNotifications({ now, limit }) {
      const rows = await selectAll<NotificationRow>(db, SELECT_NOTIFICATIONS, now, limit)
      return rows.map(({ id, receiver, body, attempts, due_at: dueAt, created_at: createdAt }) => ({
        ...{ id, receiver, attempts, dueAt, createdAt },
        body: readJsonObject(body),
      }))
    },

    async moveNotification({ id, receiver }, { attempts, dueAt }) {
      const sql = 'UPDATE notifications SET attempts = ?, due_at = ? WHERE id = ? AND receiver = ?'
      await db.write(() => execute(db, sql, attempts, dueAt, id, receiver))
    },

    async forgetNotifications(createdBefore) {
      const sql = 'DELETE FROM notifications WHERE due_at IS NULL AND created_at < ?'
      await db.write(() => execute(db, sql, createdBefore))
    },

    async recordLook({ experimentKey, cutoff, analysisId }) {
      const sql = `
        INSERT INTO told_looks (experiment_key, cutoff, analysis_id) VALUES (?, ?, ?)
          ON CONFLICT (experiment_key, cutoff) DO NOTHING`
      await db.write(() => execute(db, sql, experimentKey, cutoff, analysisId))
    },

    async lookBefore({ experimentKey, cutoff }) {
      const sql = `
        SELECT experiment_key AS experimentKey, cutoff, analysis_id AS analysisId FROM told_looks
          WHERE experiment_key = ? AND cutoff < ? ORDER BY cutoff DESC LIMIT 1`
      const row = await selectOne<ToldLook>(db, sql, experimentKey, cutoff)
      return row === undefined ? null : { ...row }
    },
  }
}
