import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { execute, selectAll, selectOne } from '@bulkhead/datastore/sqlite/rows'
import { DECIDED_STATUSES } from '../../domain/experiment.ts'
import type { Bootstrap } from '../../domain/governance/bootstrap.ts'
import { type KnownModelVersion, STAGES_WITH_SHIP } from '../../domain/governance/model-decisions.ts'
import type { ChangeBatch, ModelDecisionStore } from '../port.ts'
import { readBootstrap, readExperiment } from '../stored-json.ts'
import { storedRecord } from '../stored-record.ts'

type BodyRow = { readonly body: string }
type BootstrapRow = { readonly id: string; readonly revision: number; readonly body: string }
type VersionRow = Omit<KnownModelVersion, 'rolledBackAt'> & { readonly rolledBackAt: number | null }

const SELECT_VERSION =
  'SELECT id, stage, change, artefact_hash AS artefactHash, rolled_back_at AS rolledBackAt FROM model_versions'

export function createSqliteModelDecisions(db: SqliteDatabase): ModelDecisionStore {
  async function select(condition: string, parameter: readonly string[]) {
    const sql = `${SELECT_VERSION} WHERE ${condition} IN (SELECT value FROM json_each(?)) ORDER BY id`
    return (await selectAll<VersionRow>(db, sql, JSON.stringify(parameter))).map(toVersion)
  }

  return {
    modelVersionsByIds: (ids) => select('id', ids),
    modelVersionsWithShip: () => select('stage', STAGES_WITH_SHIP),

    async bootstrapRecords() {
      const sql = 'SELECT model_version_id AS id, revision, body FROM bootstraps ORDER BY model_version_id'
      const rows = await selectAll<BootstrapRow>(db, sql)
      return rows.map((row) => storedRecord(row.id, row, () => readBootstrap(row.body), bootstrapColumns))
    },

    async shippedExperiments(modelVersionIds) {
      if (modelVersionIds.length === 0) return []
      const sql = `SELECT body FROM experiments
        WHERE decision_outcome = 'SHIP' AND decision_model IN (SELECT value FROM json_each(?)) ORDER BY key`
      const rows = await selectAll<BodyRow>(db, sql, JSON.stringify(modelVersionIds))
      return rows.map(({ body }) => readExperiment(body))
    },

    async firstShip() {
      const sql = `SELECT key FROM experiments
        WHERE decision_outcome = 'SHIP' AND decision_model IS NOT NULL
          AND status IN (SELECT value FROM json_each(?))
        ORDER BY decided_at, key LIMIT 1`
      const row = await selectOne<{ readonly key: string }>(db, sql, JSON.stringify(DECIDED_STATUSES))
      return row?.key ?? null
    },
  }
}

/** What is stored beside the text. */
function bootstrapColumns({ modelVersionId, revision }: Bootstrap) {
  return { id: modelVersionId, revision }
}

function toVersion({ rolledBackAt, ...version }: VersionRow): KnownModelVersion {
  return rolledBackAt === null ? { ...version } : { ...version, rolledBackAt }
}

/** To be called inside a transaction; false where another revision is stored. */
export function writeBootstrap(
  db: SqliteDatabase,
  { bootstrap, expectedRevision }: NonNullable<ChangeBatch['bootstraps']>[number],
): boolean {
  const { modelVersionId, revision } = bootstrap
  const body = JSON.stringify(bootstrap)
  if (expectedRevision === 0) {
    const sql =
      'INSERT INTO bootstraps (model_version_id, revision, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'
    return execute(db, sql, modelVersionId, revision, body) === 1
  }
  const sql = 'UPDATE bootstraps SET revision = ?, body = ? WHERE model_version_id = ? AND revision = ?'
  return execute(db, sql, revision, body, modelVersionId, expectedRevision) === 1
}
