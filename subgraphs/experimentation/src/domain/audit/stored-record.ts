/** A row as a verification reads it: by the key that it is stored under, whatever its text says. */
export type StoredRecord<Key, Value> = {
  readonly key: Key
  /** Null where the text cannot be read. */
  readonly value: Value | null
  /** What is stored beside the text to search by, and says something else than the text does. */
  readonly differing: readonly string[]
}
