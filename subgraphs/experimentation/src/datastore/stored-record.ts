import type { AuditEntry } from '../domain/audit/entry.ts'
import type { Experiment } from '../domain/experiment.ts'
import type { MetricDefinition } from '../domain/plan/metric.ts'

/** A row as a verification reads it: by the key that it is stored under, whatever its text says. */
export type StoredRecord<Key, Value> = {
  readonly key: Key
  /** Null where the text cannot be read. */
  readonly value: Value | null
  /** What is stored beside the text to search by, and says something else than the text does. */
  readonly differing: readonly string[]
}

type Versions = { readonly key: string; readonly versions: readonly MetricDefinition[] }

type Page<Key> = { readonly limit: number; readonly after: Key | null }

/** Everything that the audit log is about, in the order of the keys. A row that cannot be read fails no call. */
export type StoredRecords = {
  auditRecords(page: Page<number>): Promise<readonly StoredRecord<number, AuditEntry>[]>
  experimentRecords(page: Page<string>): Promise<readonly StoredRecord<string, Experiment>[]>
  /** Every version of each, oldest first. */
  metricRecords(page: Page<string>): Promise<readonly StoredRecord<string, Versions>[]>
}

/**
 * @param row the columns, or the fields of the document
 * @param read reads the text
 * @param fieldsOf what an adapter stores for the value; its `body` is not compared, since earlier releases wrote it
 */
export function storedRecord<Key, Value>(
  key: Key,
  row: Readonly<Record<string, unknown>>,
  read: () => Value,
  fieldsOf: (value: Value) => Readonly<Record<string, unknown>>,
): StoredRecord<Key, Value> {
  try {
    const value = read()
    const differing = Object.entries(fieldsOf(value)).flatMap(([name, field]) =>
      name === 'body' || textOf(field) === textOf(row[name]) ? [] : [name],
    )
    return { key, value, differing }
  } catch {
    return { key, value: null, differing: [] }
  }
}

/** SQLite's columns come as text, since an integer of any size fits in there. */
function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
