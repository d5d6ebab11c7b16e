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

/** @returns the characters of those that were not there */
export function addCoordinates(into: UsedCoordinates, from: UsedCoordinates): number {
  let added = 0
  for (const kind of KINDS) {
    for (const one of from[kind]) {
      if (into[kind].has(one)) continue
      into[kind].add(one)
      added += one.length
    }
  }
  return added
}
