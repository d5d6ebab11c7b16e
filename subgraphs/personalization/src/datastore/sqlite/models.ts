import { randomUUID } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import {
  allInTransaction,
  execute,
  oneInTransaction,
  type SqliteValue,
  selectAll,
  selectOne,
} from '@bulkhead/datastore/sqlite/rows'
import type { StageMove } from '../../domain/model-path/stage-move.ts'
import type { ModelVersion } from '../../domain/model-version.ts'
import { ABANDONED_UPLOAD_MS } from '../limits.ts'
import type { ModelVersionFilter, PersonalizationStore } from '../port.ts'
import { readModelEvaluation, readModelVersion } from '../stored-json.ts'
import {
  afterMove,
  assertNotInProduction,
  EXPIRED_UPLOAD,
  formerlyInProduction,
  isRetiredBefore,
} from '../write-rules.ts'
import { insertModelEvents } from './pending-events.ts'

/** Each chunk is written in its own transaction, which holds up other calls of the store for a few milliseconds. */
const CHUNK_BYTES = 1024 * 1024

type ModelMethods = Pick<
  PersonalizationStore,
  | 'saveModelVersion'
  | 'moveModelVersions'
  | 'addModelEvaluation'
  | 'modelEvaluations'
  | 'productionModelVersion'
  | 'formerProductionVersions'
  | 'modelVersionsByIds'
  | 'findModelVersions'
  | 'countModelVersions'
  | 'modelArtefact'
  | 'expireArtefact'
>

type BodyRow = { readonly body: string }

const PRODUCTION_BODY = `SELECT body FROM model_versions WHERE stage = 'PRODUCTION'`

/**
 * The model registry on SQLite. A version is written only after its whole artefact, so every version that can be read
 * is complete.
 */
export function createSqliteModels(db: SqliteDatabase): ModelMethods {
  const isTaken = (id: string): boolean =>
    oneInTransaction(db, 'SELECT 1 AS taken FROM model_versions WHERE id = ?', id) !== undefined

  async function upload(artefact: Uint8Array): Promise<string> {
    const uploadId = randomUUID()
    const sql = 'INSERT INTO artefact_chunks (upload_id, position, bytes, uploaded_at) VALUES (?, ?, ?, ?)'
    for (let position = 0; position * CHUNK_BYTES < artefact.length; position++) {
      const bytes = artefact.subarray(position * CHUNK_BYTES, (position + 1) * CHUNK_BYTES)
      await db.bulkWrite(() => execute(db, sql, uploadId, position, bytes, Date.now()))
    }
    return uploadId
  }

  /** Deletes uploads of processes that died before they wrote the version. */
  function sweepAbandonedUploads(): void {
    const sql = `
      DELETE FROM artefact_chunks
      WHERE uploaded_at < ? AND upload_id NOT IN (SELECT upload_id FROM model_versions)`
    execute(db, sql, Date.now() - ABANDONED_UPLOAD_MS)
  }

  function write(version: ModelVersion, uploadId: string): 'saved' | 'exists' {
    if (isTaken(version.id)) return 'exists'
    const { id, model, stage, createdAt } = version
    const sql = `
      INSERT INTO model_versions (id, model, stage, created_at, body, upload_id) VALUES (?, ?, ?, ?, ?, ?)`
    execute(db, sql, id, model, stage, createdAt, JSON.stringify(version), uploadId)
    insertModelEvents(db, version, 0)
    return 'saved'
  }

  function movable({ versionId, from, change }: StageMove): ModelVersion | 'conflict' | 'no-artefact' {
    const sql = 'SELECT body, upload_id AS uploadId FROM model_versions WHERE id = ? AND stage = ?'
    const row = oneInTransaction<BodyRow & { readonly uploadId: string }>(db, sql, versionId, from)
    if (row === undefined) return 'conflict'
    if (change.to === 'PRODUCTION' && row.uploadId === EXPIRED_UPLOAD) return 'no-artefact'
    return readModelVersion(row.body)
  }

  function changeStage(version: ModelVersion): void {
    const sql = 'UPDATE model_versions SET stage = ?, body = ? WHERE id = ?'
    execute(db, sql, version.stage, JSON.stringify(version), version.id)
    insertModelEvents(db, version, version.stageHistory.length - 1)
  }

  return {
    async saveModelVersion(version, artefact) {
      assertNotInProduction(version)
      // Checked early only to avoid a useless upload; the check in the transaction is what decides.
      if (await db.read(() => isTaken(version.id))) return 'exists'
      const uploadId = await upload(artefact)
      return db.write(() => {
        const result = write(version, uploadId)
        if (result === 'exists') execute(db, 'DELETE FROM artefact_chunks WHERE upload_id = ?', uploadId)
        sweepAbandonedUploads()
        return result
      })
    },

    moveModelVersions: ({ expectedProduction, moves }) =>
      db.write(() => {
        const row = oneInTransaction<BodyRow>(db, PRODUCTION_BODY)
        const production = row === undefined ? null : readModelVersion(row.body).id
        if (production !== expectedProduction) return 'conflict'
        const after: ModelVersion[] = []
        for (const move of moves) {
          const version = movable(move)
          if (typeof version === 'string') return version
          after.push(afterMove(version, move))
        }
        for (const version of after) changeStage(version)
        return 'moved'
      }),

    async addModelEvaluation(versionId, evaluation) {
      const sql = `
        INSERT INTO model_evaluations (version_id, hash, created_at, body) VALUES (?, ?, ?, ?)
        ON CONFLICT (version_id, hash) DO UPDATE SET created_at = excluded.created_at, body = excluded.body
        WHERE excluded.created_at > created_at`
      const { hash, createdAt } = evaluation
      await db.write(() => execute(db, sql, versionId, hash, createdAt, JSON.stringify(evaluation)))
    },

    async modelEvaluations(versionIds) {
      const sql = `
        SELECT version_id AS versionId, body FROM model_evaluations
        WHERE version_id IN (SELECT value FROM json_each(?)) ORDER BY created_at, hash`
      const rows = await selectAll<BodyRow & { readonly versionId: string }>(
        db,
        sql,
        JSON.stringify(versionIds),
      )
      return new Map(rows.map(({ versionId, body }) => [versionId, readModelEvaluation(body)]))
    },

    async productionModelVersion() {
      const row = await selectOne<BodyRow>(db, PRODUCTION_BODY)
      return row === undefined ? null : readModelVersion(row.body)
    },

    async formerProductionVersions(limit) {
      const sql = `SELECT body FROM model_versions WHERE stage = 'RETIRED' AND upload_id <> ?`
      const rows = await selectAll<BodyRow>(db, sql, EXPIRED_UPLOAD)
      return formerlyInProduction(
        rows.map(({ body }) => readModelVersion(body)),
        limit,
      )
    },

    async modelVersionsByIds(ids) {
      const sql = 'SELECT body FROM model_versions WHERE id IN (SELECT value FROM json_each(?))'
      const rows = await selectAll<BodyRow>(db, sql, JSON.stringify(ids))
      return rows.map(({ body }) => readModelVersion(body))
    },

    async findModelVersions({ filter, limit, after }) {
      const { where, parameters } = conditions(filter)
      const rows = await selectAll<BodyRow>(
        db,
        `SELECT body FROM model_versions WHERE ${where} ${after === null ? '' : 'AND (created_at, id) < (?, ?)'}
         ORDER BY created_at DESC, id DESC LIMIT ?`,
        ...parameters,
        ...(after === null ? [] : [after.createdAt, after.id]),
        limit + 1,
      )
      const versions = rows.slice(0, limit).map(({ body }) => readModelVersion(body))
      return { versions, hasMore: rows.length > limit }
    },

    async countModelVersions(filter) {
      const { where, parameters } = conditions(filter)
      const sql = `SELECT count(*) AS total FROM model_versions WHERE ${where}`
      return (await selectOne<{ readonly total: number }>(db, sql, ...parameters))?.total ?? 0
    },

    expireArtefact: ({ before, keep }) =>
      db.write(() => {
        const retired = allInTransaction<BodyRow & { readonly uploadId: string }>(
          db,
          `SELECT body, upload_id AS uploadId FROM model_versions
           WHERE stage = 'RETIRED' AND upload_id <> ? AND id NOT IN (SELECT value FROM json_each(?))`,
          EXPIRED_UPLOAD,
          JSON.stringify(keep),
        )
        const expired = retired.find(({ body }) => isRetiredBefore(readModelVersion(body), before))
        if (expired === undefined) return false
        const forget = 'UPDATE model_versions SET upload_id = ? WHERE upload_id = ?'
        execute(db, forget, EXPIRED_UPLOAD, expired.uploadId)
        execute(db, 'DELETE FROM artefact_chunks WHERE upload_id = ?', expired.uploadId)
        // Not only of this one: a replica may have stored what it counted last after that.
        for (const parts of ['shadow_parts', 'canary_parts']) {
          const counted = `DELETE FROM ${parts} WHERE version_id IN
            (SELECT id FROM model_versions WHERE upload_id = ?)`
          execute(db, counted, EXPIRED_UPLOAD)
        }
        return true
      }),

    async modelArtefact(id) {
      const sql = 'SELECT upload_id AS uploadId FROM model_versions WHERE id = ?'
      const version = await selectOne<{ readonly uploadId: string }>(db, sql, id)
      if (version === undefined || version.uploadId === EXPIRED_UPLOAD) return null
      const chunks: Uint8Array[] = []
      for (;;) {
        const sqlOfChunk = 'SELECT bytes FROM artefact_chunks WHERE upload_id = ? AND position = ?'
        const row = await selectOne<{ readonly bytes: Uint8Array }>(
          db,
          sqlOfChunk,
          version.uploadId,
          chunks.length,
        )
        if (row === undefined) return new Uint8Array(Buffer.concat(chunks))
        chunks.push(row.bytes)
        await nextTurn()
      }
    },
  }
}

function conditions(filter: ModelVersionFilter): { where: string; parameters: SqliteValue[] } {
  const where = ['TRUE']
  const parameters: SqliteValue[] = []
  if (filter.model !== undefined) {
    where.push('model = ?')
    parameters.push(filter.model)
  }
  if (filter.stages !== undefined) {
    where.push('stage IN (SELECT value FROM json_each(?))')
    parameters.push(JSON.stringify(filter.stages))
  }
  return { where: where.join(' AND '), parameters }
}
