import { type GraphQLLeafType, isEnumType } from 'graphql'
import { VALUE_KINDS, type ValueKind, type ValueShape } from './answer-shape.ts'

const BUILT_IN: ReadonlyMap<string, ValueKind> = new Map([
  ['String', VALUE_KINDS.STRING],
  // An ID may be a number too: such an answer is parsed.
  ['ID', VALUE_KINDS.STRING],
  ['Int', VALUE_KINDS.INT],
  ['Float', VALUE_KINDS.FLOAT],
  ['Boolean', VALUE_KINDS.BOOLEAN],
])

/** A value that does not go to the client. */
export const SKIPPED: ValueShape = {
  kind: VALUE_KINDS.ANY,
  isNonNull: false,
  literals: [],
  element: null,
  object: null,
}

export function typenameShape(typename: string): ValueShape {
  return { ...SKIPPED, kind: VALUE_KINDS.TYPENAME, isNonNull: true, literals: quoted([typename]) }
}

export function leafShape(type: GraphQLLeafType): ValueShape {
  if (isEnumType(type)) {
    return { ...SKIPPED, kind: VALUE_KINDS.ENUM, literals: quoted(type.getValues().map(({ name }) => name)) }
  }
  return { ...SKIPPED, kind: BUILT_IN.get(type.name) ?? VALUE_KINDS.ANY }
}

function quoted(names: readonly string[]): readonly Uint8Array[] {
  return names.map((name) => Buffer.from(`"${name}"`))
}
