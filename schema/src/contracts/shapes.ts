import { isJsonMap, type Json, type SchemaNode } from './json-schema.ts'

/**
 * What a schema accepts, as a union of shapes: a list of values, or all values of one JSON type within bounds. A shape may
 * be larger than the schema; then `opaque` holds the keywords that were left out, and it is never smaller.
 */
export type Shape = ValuesShape | NumberShape | StringShape | ArrayShape | ObjectShape

type Opaque = { readonly opaque: readonly OpaquePart[] }
/** Keywords that constrain independently of all others, with their values. */
export type OpaquePart = {
  readonly keyword: string
  readonly value: Json
  /** See `keywords.ts`. It is not taken to keep a sender from anything. */
  readonly isClaim: boolean
}

export type ValuesShape = { readonly kind: 'values'; readonly values: readonly Json[] }
export type Bound = { readonly value: number; readonly isExclusive: boolean }
export type NumberShape = Opaque & {
  readonly kind: 'number'
  readonly min: Bound | null
  readonly max: Bound | null
  readonly isInteger: boolean
  readonly multiples: readonly number[]
}
export type StringShape = Opaque & {
  readonly kind: 'string'
  readonly min: number
  readonly max: number
  readonly patterns: readonly string[]
  readonly formats: readonly string[]
}
export type ArrayShape = Opaque & {
  readonly kind: 'array'
  readonly min: number
  readonly max: number
  readonly isUnique: boolean
  readonly prefix: readonly SchemaNode[]
  /** Of the items after the prefix. */
  readonly rest: SchemaNode
}
export type ObjectShape = Opaque & {
  readonly kind: 'object'
  readonly min: number
  readonly max: number
  readonly properties: ReadonlyMap<string, SchemaNode>
  readonly required: ReadonlySet<string>
  readonly additional: SchemaNode
  /** Whether `additional` is what the schema says, and not only what it does not forbid. */
  readonly saysAdditional: boolean
  readonly names: SchemaNode
}

type ValuesOf = (node: SchemaNode) => readonly Json[] | null

/**
 * Whether two shapes have no value in common for sure: by type, by their values, or by a discriminator, which is a property
 * that both require with different values.
 */
export function isDisjoint(a: Shape, b: Shape, valuesOfA: ValuesOf, valuesOfB: ValuesOf): boolean {
  if (a.kind === 'values' && b.kind === 'values')
    return !a.values.some((value) => b.values.some((other) => isSame(value, other)))
  if (a.kind === 'values') return b.kind !== 'values' && !a.values.some((value) => kindOf(value) === b.kind)
  if (b.kind === 'values') return !b.values.some((value) => kindOf(value) === a.kind)
  if (a.kind !== 'object' || b.kind !== 'object') return a.kind !== b.kind
  return [...a.required].some((name) => {
    if (!b.required.has(name)) return false
    const ofA = valuesOfA(a.properties.get(name) ?? a.additional)
    const ofB = valuesOfB(b.properties.get(name) ?? b.additional)
    return ofA !== null && ofB !== null && !ofA.some((value) => ofB.some((other) => isSame(value, other)))
  })
}

export function kindOf(value: Json): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

/** Equal as JSON, whatever the order of members. */
export function isSame(a: Json, b: Json): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item: Json, index) => isSame(item, b[index]))
  }
  if (!isJsonMap(a) || !isJsonMap(b)) return false
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isSame(a[name] ?? null, b[name] ?? null))
  )
}
