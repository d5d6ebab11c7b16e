/**
 * What one fetch's answer looks like where it is as it should be, and what of it goes to the client. It is data, and one
 * function reads it for all fields, as with `Shape` of the projection.
 */
export type ValueShape = {
  readonly kind: ValueKind
  readonly isNonNull: boolean
  /** Of `ENUM`: its values, quoted. Of `TYPENAME`: the one that it must be. */
  readonly literals: readonly Uint8Array[]
  /** Of `LIST`. */
  readonly element: ValueShape | null
  /** Of `OBJECT`. */
  readonly object: ObjectOf | null
}

/** Integers, because they are compared fastest. */
export const VALUE_KINDS = {
  STRING: 0,
  INT: 1,
  FLOAT: 2,
  BOOLEAN: 3,
  ENUM: 4,
  /** A custom scalar, or a field that the client does not get. */
  ANY: 5,
  TYPENAME: 6,
  LIST: 7,
  OBJECT: 8,
} as const
export type ValueKind = (typeof VALUE_KINDS)[keyof typeof VALUE_KINDS]

export type ObjectOf = {
  /** Whether the object says its type, and says it first: the declared one is abstract. */
  readonly saysType: boolean
  /** @param typename null for the declared type; null is also the answer for one that cannot be read */
  of(typename: string | null): ObjectShape | null
}

export type ObjectShape = {
  /** All that the fetch asks for, in the order in which a subgraph answers. */
  readonly fields: readonly FieldShape[]
  /** What is done at its end; null where the run goes on. */
  readonly end: Cut | null
  /** Places for what other fetches add to the object. */
  readonly holes: readonly HoleShape[]
  /** How many of the fields are captured. */
  readonly captures: number
}

export type FieldShape = {
  /** What stands before the value: `{"id":` or `,"id":`. */
  readonly lead: Uint8Array
  readonly value: ValueShape
  /** What is done before it. Null: go on copying, or go on skipping. */
  readonly cut: Cut | null
  /** Whether a representation needs the value. */
  readonly isCaptured: boolean
}

/** Ends the run of bytes that go to the client as they are, and writes something else. */
export type Cut = {
  /** Numbers are indices of the object's holes. */
  readonly write: readonly (string | number)[]
  /** Where the next run begins. `key`: behind the brace or comma. */
  readonly resume: 'key' | 'value' | 'behind' | null
}

export type HoleShape = {
  readonly fetch: number
  /** The texts around the captured values. */
  readonly representation: readonly (string | number)[]
  /** The object that the fetch's answer has for it. */
  readonly result: ObjectShape
}
