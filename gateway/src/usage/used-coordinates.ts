/** What is used of a schema, as schema coordinates (GraphQL spec, "Schema Coordinates"). */
export type UsedCoordinates = {
  /** `Type.field`; the type is that of the selection, which may be an interface. */
  readonly fields: Set<string>
  /** `Type.field(argument:)`. */
  readonly arguments: Set<string>
  /** `Input.field`. */
  readonly inputFields: Set<string>
  /** `Enum.VALUE`, of values that clients give. Which ones they are given, nobody knows here. */
  readonly enumValues: Set<string>
}

const KINDS = ['fields', 'arguments', 'inputFields', 'enumValues'] as const

export function noCoordinates(): UsedCoordinates {
  return { fields: new Set(), arguments: new Set(), inputFields: new Set(), enumValues: new Set() }
}

export function addCoordinates(into: UsedCoordinates, from: UsedCoordinates): void {
  for (const kind of KINDS) for (const one of from[kind]) into[kind].add(one)
}

/** Characters of all of them. */
export function sizeOfCoordinates(used: UsedCoordinates): number {
  let size = 0
  for (const kind of KINDS) for (const one of used[kind]) size += one.length
  return size
}
