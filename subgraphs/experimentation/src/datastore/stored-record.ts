import type { StoredRecord } from '../domain/audit/stored-record.ts'

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
