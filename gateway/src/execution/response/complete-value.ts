import { isJsonObject, type JsonObject, setOwn } from './own.ts'

/** Why a value is null that the subgraphs did not give as null, or that must not be null. */
export type ProjectionError = {
  /** `Type.field`. */
  readonly field: string
  /** Complete once the projection has returned. */
  readonly path: (string | number)[]
} & ({ readonly reason: 'null' | 'invalid' } | { readonly reason: 'denied'; readonly lacking: string })

/**
 * What the values of one field may be. It is data, and one function reads it for all fields. A function for each field
 * would be slower: almost every value is a string or a number that stays as it is, and a call costs more than the check.
 */
export type Shape = {
  readonly kind: Kind
  readonly isNonNull: boolean
  /** `Type.field`. */
  readonly field: string
  /** Of leaves that have a check. */
  readonly isValid: ((value: unknown) => boolean) | null
  /** Of `LIST`. */
  readonly element: Shape | null
  /** Of `LIST`: whether the subgraph's list may become the client's. */
  readonly canStay: boolean
  /** Of `OBJECT`. Null where the type cannot stand here; undefined stands for an object that does not tell its type. */
  readonly fieldsOf: ((typename: string | undefined) => Fields | null) | null
  /** Of `CONSTANT`: the value, whatever the subgraph gave. */
  readonly constant: string | null
  /** Of `DENIED`: what the caller lacks to see the field. */
  readonly lacking: string
}

/** The client's fields of one type of object, in its order. */
export type Fields = {
  readonly slots: readonly Slot[]
  /** Whether a subgraph's object that has just these fields, in this order, may become the client's. */
  readonly canStay: boolean
}

export type Slot = {
  /** In the subgraphs' data. */
  readonly key: string
  readonly clientKey: string
  /** Set where one of the keys is one that every object inherits; the others can be used directly. */
  readonly inherited: boolean
  readonly shape: Shape
}

/** Integers, because they are compared fastest. */
export const KINDS = {
  STRING: 0,
  ID: 1,
  INT: 2,
  FLOAT: 3,
  BOOLEAN: 4,
  /** A leaf that `isValid` checks. */
  CHECKED: 5,
  /** A leaf that can have any value: a custom scalar, or one that graphql-js has made. */
  ANY: 6,
  LIST: 7,
  OBJECT: 8,
  /** The `__typename` of an object type. */
  CONSTANT: 9,
  /** A field that the caller may not see. */
  DENIED: 10,
} as const
export type Kind = (typeof KINDS)[keyof typeof KINDS]

/** A value that is null where null is not allowed, so that the object or list around it becomes null (spec 6.4.4). */
const REFUSED = Symbol('refused')
const TYPENAME = '__typename'
const NOTHING_DONE = { index: 0, refused: false }

/** The value for the client: null where it is not valid, `REFUSED` where it would be null and must not. */
function completeValue(shape: Shape, value: unknown, errors: ProjectionError[]): unknown {
  const before = errors.length
  const completed = completeNullable(shape, value, errors)
  if (completed !== null || !shape.isNonNull) return completed
  if (errors.length === before) errors.push({ reason: 'null', field: shape.field, path: [] })
  return REFUSED
}

function completeNullable(shape: Shape, value: unknown, errors: ProjectionError[]): unknown {
  const { kind, field } = shape
  if (kind === KINDS.OBJECT && isJsonObject(value)) return completeObject(shape, value, errors)
  if (kind === KINDS.LIST && Array.isArray(value)) return completeList(shape, value, errors)
  if (kind === KINDS.CONSTANT) return shape.constant
  if (kind === KINDS.DENIED) {
    errors.push({ reason: 'denied', field, lacking: shape.lacking, path: [] })
    return null
  }
  if (value === null || value === undefined) return null
  if (isPlain(kind, value) || shape.isValid?.(value)) return value
  errors.push({ reason: 'invalid', field, path: [] })
  return null
}

/** Whether the value stays as it is. Of other values, too, some are valid. */
function isPlain(kind: Kind, value: unknown): boolean {
  switch (kind) {
    case KINDS.STRING:
    case KINDS.ID:
      return typeof value === 'string'
    case KINDS.INT:
      return typeof value === 'number' && (value | 0) === value
    case KINDS.FLOAT:
      return typeof value === 'number'
    case KINDS.BOOLEAN:
      return typeof value === 'boolean'
    case KINDS.ANY:
      return value !== null && value !== undefined
    default:
      return false
  }
}

function completeList(shape: Shape, value: unknown[], errors: ProjectionError[]): unknown[] | null {
  const element = shape.element as Shape
  const list: unknown[] = shape.canStay ? value : new Array(value.length)
  let refused = false
  for (let index = 0; index < value.length; index += 1) {
    const completed = completeAt(index, element, value[index], errors)
    if (completed === REFUSED) refused = true
    else list[index] = completed
  }
  return refused ? null : list
}

/** The client's object, out of the subgraphs' `value`. */
export function completeObject(
  shape: Shape,
  value: JsonObject,
  errors: ProjectionError[],
): JsonObject | null {
  const typename = value[TYPENAME]
  const fields = shape.fieldsOf?.(typeof typename === 'string' ? typename : undefined)
  if (fields) {
    return fields.canStay
      ? completeInPlace(value, fields.slots, errors)
      : copyFields(value, fields.slots, errors)
  }
  errors.push({ reason: 'invalid', field: shape.field, path: [] })
  return null
}

/** Makes `value` itself the client's object. Where a key is not the one that the client's object has next, copies instead. */
function completeInPlace(
  value: JsonObject,
  slots: readonly Slot[],
  errors: ProjectionError[],
): JsonObject | null {
  let refused = false
  let index = 0
  // With the keys of the object V8 reads its fields by their positions, without looking them up.
  for (const key in value) {
    const slot = slots[index]
    if (slot === undefined || slot.key !== key) return copyFields(value, slots, errors, { index, refused })
    index += 1
    const given = value[key]
    const completed = completeAt(key, slot.shape, given, errors)
    if (completed === REFUSED) refused = true
    else if (completed !== given) value[key] = completed
  }
  if (index < slots.length) return copyFields(value, slots, errors, { index, refused })
  return refused ? null : value
}

/** @param done how many fields are completed in `value`, and whether one of them was refused */
function copyFields(
  value: JsonObject,
  slots: readonly Slot[],
  errors: ProjectionError[],
  done: { readonly index: number; readonly refused: boolean } = NOTHING_DONE,
): JsonObject | null {
  const object: JsonObject = {}
  let { refused } = done
  for (let index = 0; index < slots.length; index += 1) {
    const { key, clientKey, inherited, shape } = slots[index] as Slot
    const given = inherited && !Object.hasOwn(value, key) ? null : value[key]
    const completed = index < done.index ? given : completeAt(key, shape, given, errors)
    if (completed === REFUSED) refused = true
    else if (inherited) setOwn(object, clientKey, completed)
    else object[clientKey] = completed
  }
  return refused ? null : object
}

/** Completes what stands at the key. Paths are built on the way back from an error: almost no request has one. */
function completeAt(key: string | number, shape: Shape, given: unknown, errors: ProjectionError[]): unknown {
  if (isPlain(shape.kind, given)) return given
  const before = errors.length
  const completed = completeValue(shape, given, errors)
  for (let index = before; index < errors.length; index += 1) errors[index]?.path.unshift(key)
  return completed
}
