import { foldCase } from '@bulkhead/datastore/fold-case'
import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { execute, type SqliteValue, selectAll, selectOne } from '@bulkhead/datastore/sqlite/rows'
import { ASSIGNING_STATUSES, type Experiment } from '../../domain/experiment.ts'
import { namedModelVersions } from '../../domain/model-versions.ts'
import type {
  DecisionFilter,
  DecisionQuery,
  ExperimentationStore,
  ExperimentFilter,
  ExperimentOrderField,
  ExperimentPosition,
  ExperimentQuery,
} from '../port.ts'
import { readExperiment } from '../stored-json.ts'
import { storedRecord } from '../stored-record.ts'
import { asText, type Condition, oneOf, type TextRow, valuesOf, where } from './conditions.ts'

const ORDER_COLUMNS = {
  CREATED_AT: 'created_at',
  STARTED_AT: 'started_at',
  KEY: 'key',
} as const satisfies Record<ExperimentOrderField, string>

/** The columns that follow `key`, in the order in which both statements name them. */
function columns(experiment: Experiment): Readonly<Record<string, SqliteValue>> {
  return {
    name_folded: foldCase(experiment.name),
    owner: experiment.owner,
    status: experiment.status,
    revision: experiment.revision,
    created_at: experiment.createdAt,
    started_at: experiment.startedAt,
    model_version_ids: JSON.stringify(namedModelVersions(experiment)),
    body: JSON.stringify(experiment),
    decided_at: experiment.decision?.decidedAt ?? null,
    decision_outcome: experiment.decision?.outcome ?? null,
    decided_by: experiment.decision?.decidedBy ?? null,
    decision_model: experiment.decision?.modelVersionId ?? null,
    layer: experiment.layer?.key ?? null,
  }
}

const COLUMNS = [
  'key',
  'name_folded',
  'owner',
  'status',
  'revision',
  'created_at',
  'started_at',
  'model_version_ids',
  'body',
  'decided_at',
  'decision_outcome',
  'decided_by',
  'decision_model',
  'layer',
]

/** To be called inside a transaction; false where the stored revision is another one, or there is none. */
export function replaceExperiment(
  db: SqliteDatabase,
  experiment: Experiment,
  expectedRevision: number,
): boolean {
  const sql = `UPDATE experiments SET name_folded = ?, owner = ?, status = ?, revision = ?, created_at = ?,
    started_at = ?, model_version_ids = ?, body = ?, decided_at = ?, decision_outcome = ?, decided_by = ?,
    decision_model = ?, layer = ? WHERE key = ? AND revision = ?`
  return execute(db, sql, ...Object.values(columns(experiment)), experiment.key, expectedRevision) === 1
}

/** To be called inside a transaction; false where the key is taken. */
export function insertExperiment(db: SqliteDatabase, experiment: Experiment): boolean {
  const sql = `INSERT INTO experiments (name_folded, owner, status, revision, created_at, started_at,
    model_version_ids, body, decided_at, decision_outcome, decided_by, decision_model, layer, key)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING`
  return execute(db, sql, ...Object.values(columns(experiment)), experiment.key) === 1
}

function matching(filter: ExperimentFilter): Condition[] {
  const conditions: Condition[] = []
  if (filter.keys !== undefined) conditions.push(oneOf('key', filter.keys))
  if (filter.statuses !== undefined) conditions.push(oneOf('status', filter.statuses))
  if (filter.owner !== undefined) conditions.push(['owner = ?', filter.owner])
  if (filter.layer !== undefined) conditions.push(['layer = ?', filter.layer])
  if (filter.modelVersionId !== undefined) {
    conditions.push(['? IN (SELECT value FROM json_each(model_version_ids))', filter.modelVersionId])
  }
  // Not LIKE, in which some characters of the text would have a special meaning.
  if (filter.nameContains !== undefined) {
    conditions.push(['instr(name_folded, ?) > 0', foldCase(filter.nameContains)])
  }
  if (filter.createdAfter !== undefined) conditions.push(['created_at > ?', filter.createdAfter])
  if (filter.createdBefore !== undefined) conditions.push(['created_at < ?', filter.createdBefore])
  return conditions
}

function matchingDecisions(filter: DecisionFilter): Condition[] {
  const { outcomes, modelVersionId, decidedBy, decidedAfter, decidedBefore } = filter
  const conditions: Condition[] = [['decided_at IS NOT NULL']]
  if (outcomes !== undefined) conditions.push(oneOf('decision_outcome', outcomes))
  if (modelVersionId !== undefined) conditions.push(['decision_model = ?', modelVersionId])
  if (decidedBy !== undefined) conditions.push(['decided_by = ?', decidedBy])
  if (decidedAfter !== undefined) conditions.push(['decided_at > ?', decidedAfter])
  if (decidedBefore !== undefined) conditions.push(['decided_at < ?', decidedBefore])
  return conditions
}

/** Matches what follows a decision: the newest comes first, and keys break ties. */
function followingDecision({ decidedAt, key }: NonNullable<DecisionQuery['after']>): Condition {
  return ['(decided_at < ? OR (decided_at = ? AND key > ?))', decidedAt, decidedAt, key]
}

/** Matches what follows a position. SQLite sorts null before every value, and comparisons never match it. */
function following(
  { field, direction }: ExperimentQuery['orderBy'],
  { value, key }: ExperimentPosition,
): Condition {
  const column = ORDER_COLUMNS[field]
  const beyond = direction === 'ASC' ? '>' : '<'
  if (column === 'key') return [`key ${beyond} ?`, key]
  if (value === null) {
    const tie = `(${column} IS NULL AND key ${beyond} ?)`
    return [direction === 'ASC' ? `(${tie} OR ${column} IS NOT NULL)` : tie, key]
  }
  const further = `${column} ${beyond} ? OR (${column} = ? AND key ${beyond} ?)`
  return [direction === 'ASC' ? `(${further})` : `(${further} OR ${column} IS NULL)`, value, value, key]
}

export function createSqliteExperiments(
  db: SqliteDatabase,
): Pick<
  ExperimentationStore,
  | 'experimentsByKeys'
  | 'findExperiments'
  | 'countExperiments'
  | 'assigningExperiments'
  | 'experimentRecords'
  | 'findDecided'
  | 'countDecided'
> {
  async function select(sql: string, ...values: readonly SqliteValue[]): Promise<Experiment[]> {
    const rows = await selectAll<{ readonly body: string }>(db, sql, ...values)
    return rows.map(({ body }) => readExperiment(body))
  }

  async function count(conditions: readonly Condition[]): Promise<number> {
    const sql = `SELECT count(*) AS total FROM experiments WHERE ${where(conditions)}`
    const row = await selectOne<{ readonly total: number }>(db, sql, ...valuesOf(conditions))
    return row?.total ?? 0
  }

  return {
    async experimentsByKeys(keys) {
      const sql = 'SELECT body FROM experiments WHERE key IN (SELECT value FROM json_each(?))'
      return select(sql, JSON.stringify(keys))
    },

    async findExperiments({ filter, orderBy, limit, after }) {
      const all = matching(filter)
      const page = after === null ? all : [...all, following(orderBy, after)]
      const { direction } = orderBy
      const found = await select(
        `SELECT body FROM experiments WHERE ${where(page)}
          ORDER BY ${ORDER_COLUMNS[orderBy.field]} ${direction}, key ${direction} LIMIT ?`,
        ...valuesOf(page),
        limit + 1,
      )
      return { experiments: found.slice(0, limit), hasMore: found.length > limit }
    },

    countExperiments: (filter) => count(matching(filter)),

    async findDecided({ filter, limit, after }) {
      const all = matchingDecisions(filter)
      const page = after === null ? all : [...all, followingDecision(after)]
      const found = await select(
        `SELECT body FROM experiments WHERE ${where(page)} ORDER BY decided_at DESC, key LIMIT ?`,
        ...valuesOf(page),
        limit + 1,
      )
      return { experiments: found.slice(0, limit), hasMore: found.length > limit }
    },

    countDecided: (filter) => count(matchingDecisions(filter)),

    async assigningExperiments(layers) {
      const conditions = [oneOf('status', ASSIGNING_STATUSES)]
      if (layers !== undefined) conditions.push(oneOf('layer', layers))
      const sql = `SELECT body FROM experiments WHERE ${where(conditions)} ORDER BY key`
      return select(sql, ...valuesOf(conditions))
    },

    async experimentRecords({ limit, after }) {
      const sql = `SELECT ${asText(COLUMNS)} FROM experiments WHERE key > ? ORDER BY experiments.key LIMIT ?`
      const rows = await selectAll<TextRow>(db, sql, after ?? '', limit)
      return rows.map((row) =>
        storedRecord(
          String(row.key),
          row,
          () => readExperiment(String(row.body)),
          (experiment) => ({ key: experiment.key, ...columns(experiment) }),
        ),
      )
    },
  }
}
