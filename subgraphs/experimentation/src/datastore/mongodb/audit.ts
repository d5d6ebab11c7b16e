import type { Filter } from '@bulkhead/datastore/mongodb/open'
import type { AuditEntry } from '../../domain/audit/entry.ts'
import type { AuditFilter, ExperimentationStore } from '../port.ts'
import { readAuditEntry } from '../stored-json.ts'
import { storedRecord } from '../stored-record.ts'
import type { AuditDocument, Collections } from './collections.ts'

export function auditDocument(entry: AuditEntry): AuditDocument {
  const { sequence, at, by, action, subject } = entry
  return { _id: sequence, at, by, action, subject, body: JSON.stringify(entry) }
}

function matching({ subject, by, actions, after, before }: AuditFilter): Filter<AuditDocument>[] {
  const conditions: Filter<AuditDocument>[] = []
  if (subject !== undefined) conditions.push({ subject })
  if (by !== undefined) conditions.push({ by })
  if (actions !== undefined) conditions.push({ action: { $in: actions } })
  if (after !== undefined) conditions.push({ at: { $gt: after } })
  if (before !== undefined) conditions.push({ at: { $lt: before } })
  return conditions
}

export function createMongoAudit({
  audit,
}: Pick<Collections, 'audit'>): Pick<ExperimentationStore, 'findAuditEntries' | 'auditRecords'> {
  return {
    async findAuditEntries({ filter, limit, after }) {
      const documents = await audit
        .find({ $and: [...matching(filter), { _id: { $gt: after } }] })
        .sort({ _id: 1 })
        .limit(limit + 1)
        .toArray()
      const entries = documents.slice(0, limit).map(({ body }) => readAuditEntry(body))
      return { entries, hasMore: documents.length > limit }
    },

    async auditRecords({ after, limit }) {
      const documents = await audit
        .find({ _id: { $gt: after ?? 0 } })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray()
      return documents.map((document) =>
        storedRecord(document._id, document, () => readAuditEntry(document.body), auditDocument),
      )
    },
  }
}
