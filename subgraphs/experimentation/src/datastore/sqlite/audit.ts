import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { type SqliteValue, selectAll } from '@bulkhead/datastore/sqlite/rows'
import type { AuditEntry } from '../../domain/audit/entry.ts'
import type { AuditFilter, ExperimentationStore } from '../port.ts'
import { readAuditEntry } from '../stored-json.ts'
import { type Condition, valuesOf, where } from './conditions.ts'

export const INSERT_AUDIT_ENTRY =
  'INSERT INTO audit (sequence, at, author, action, subject, body) VALUES (?, ?, ?, ?, ?, ?)'

export function auditColumns(entry: AuditEntry): SqliteValue[] {
  const { sequence, at, by, action, subject } = entry
  return [sequence, at, by, action, subject, JSON.stringify(entry)]
}

function matching({ subject, by, actions, after, before }: AuditFilter): Condition[] {
  const conditions: Condition[] = []
  if (subject !== undefined) conditions.push(['subject = ?', subject])
  if (by !== undefined) conditions.push(['author = ?', by])
  if (actions !== undefined) {
    conditions.push(['action IN (SELECT value FROM json_each(?))', JSON.stringify(actions)])
  }
  if (after !== undefined) conditions.push(['at > ?', after])
  if (before !== undefined) conditions.push(['at < ?', before])
  return conditions
}

export function createSqliteAudit(db: SqliteDatabase): Pick<ExperimentationStore, 'findAuditEntries'> {
  return {
    async findAuditEntries({ filter, limit, after }) {
      const page: Condition[] = [...matching(filter), ['sequence > ?', after]]
      const rows = await selectAll<{ readonly body: string }>(
        db,
        `SELECT body FROM audit WHERE ${where(page)} ORDER BY sequence LIMIT ?`,
        ...valuesOf(page),
        limit + 1,
      )
      const entries = rows.slice(0, limit).map(({ body }) => readAuditEntry(body))
      return { entries, hasMore: rows.length > limit }
    },
  }
}
