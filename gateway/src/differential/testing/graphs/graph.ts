import type { SeededRandom } from '../seeded-random.ts'

/** An object of a graph: its fields as values, or as methods of the field's arguments. */
export type DataObject = { readonly __typename: string; readonly [field: string]: unknown }

/**
 * The data of a graph. All subgraphs resolve their fields from the same objects, so one execution over the merged
 * schema must give the same answer as the federated one.
 */
export type GraphData = {
  readonly query: Readonly<Record<string, unknown>>
  readonly mutation?: Readonly<Record<string, unknown>>
  /** Everything that a `@key` can refer to. */
  readonly entities: readonly DataObject[]
}

export type TestGraph = {
  readonly name: string
  /** The SDL of each subgraph by its name. */
  readonly subgraphs: Readonly<Record<string, string>>
  /** New data for each call, the same for the same seed. */
  createData(random: SeededRandom): GraphData
}

/** The `@link` that a subgraph of Federation 2 begins with. */
export const FEDERATION_2 = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", import: [
    "@key" "@requires" "@provides" "@external" "@shareable" "@override" "@inaccessible" "@interfaceObject" "@tag"
    "@context" "@fromContext"
  ])
`

/** A list of up to five of these, each at most once, in the order of a draw. */
export function someOf<Value>(values: readonly Value[], random: SeededRandom): Value[] {
  const left = [...values]
  const length = random.below(Math.min(6, left.length + 1))
  return Array.from({ length }, () => left.splice(random.below(left.length), 1)).flat()
}

/** Null now and then. */
export function maybe<Value>(value: Value, random: SeededRandom): Value | null {
  return random.chance(0.2) ? null : value
}

/** `count` objects, numbered from 1. */
export function many<Value>(count: number, create: (number: number) => Value): Value[] {
  return Array.from({ length: count }, (_, index) => create(index + 1))
}

/** A field that another one requires: as a representation gave it, or as the subgraph that owns it computes it. */
export function requiredField(
  object: object,
  field: string,
  args: Readonly<Record<string, unknown>> = {},
): unknown {
  const value: unknown = Reflect.get(object, field)
  return typeof value === 'function' ? Reflect.apply(value, object, [args]) : value
}
