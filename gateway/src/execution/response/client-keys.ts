import type { Path } from './response-path.ts'

/**
 * The client's response keys by the keys that stand for them while the operation is executed. Keys that are missing
 * are the same for both; null stands for a field that the client did not select.
 */
export type ClientKeys = ReadonlyMap<string, string | null>

export function clientPath(path: Path, keys: ClientKeys): Path {
  return path.map((key) => (typeof key === 'string' ? (keys.get(key) ?? key) : key))
}

/** A key that no field of a schema has, for the field of this name. */
export function executionKey(number: number, fieldName: string): string {
  return `_${number}_${fieldName}`
}

/** The name of the field that a key of an executed operation stands for. */
export function fieldNameOf(key: string): string {
  return key.replace(/^_\d+_/, '')
}
