import type { SqliteDatabase } from '@bulkhead/datastore/sqlite/open'
import { type SqliteValue, selectAll } from '@bulkhead/datastore/sqlite/rows'
import type { AuditEntry } from '../../domain/audit/entry.ts'
import type { AuditFilter, ExperimentationStore } from '../port.ts'
import { readAuditEntry } from '../stored-json.ts'
import { storedRecord } from '../stored-record.ts'
import { asText, type Condition, oneOf, type TextRow, valuesOf, where } from './conditions.ts'

export const INSERT_AUDIT_ENTRY =
  'INSERT INTO audit (sequence, at, author, action, subject, body) VALUES (?, ?, ?, ?, ?, ?)'

export function auditColumns(entry: AuditEntry): SqliteValue[] {
  return Object.values(auditRow(entry))
}

/** In the order in which the statement names them. */
function auditRow(entry: AuditEntry) {
  const { sequence, at, by, action, subject } = entry
  return { sequence, at, author: by, action, subject, body: JSON.stringify(entry) }
}

function matching({ subject, by, actions, after, before }: AuditFilter): Condition[] {
  const conditions: Condition[] = []
  if (subject !== undefined) conditions.push(['subject = ?', subject])
  if (by !== undefined) conditions.push(['author = ?', by])
  if (actions !== undefined) conditions.push(oneOf('action', actions))
  if (after !== undefined) conditions.push(['at > ?', after])
  if (before !== undefined) conditions.push(['at < ?', before])
  return conditions
}

export function createSqliteAudit(
  db: SqliteDatabase,
): Pick<ExperimentationStore, 'findAuditEntries' | 'auditRecords'> {
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

    async auditRecords({ after, limit }) {
      const names = ['sequence', 'at', 'author', 'action', 'subject', 'body']
      const rows = await selectAll<TextRow>(
        db,
        `SELECT ${asText(names)} FROM audit WHERE sequence > ? ORDER BY audit.sequence LIMIT ?`,
        after ?? 0,
        limit,
      )
      return rows.map((row) =>
        storedRecord(Number(row.sequence), row, () => readAuditEntry(String(row.body)), auditRow),
      )
    },
  }
}
