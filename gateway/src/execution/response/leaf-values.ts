import { type GraphQLLeafType, isEnumType } from 'graphql'

const MAX_INT = 2 ** 31 - 1
const MIN_INT = -(2 ** 31)

/** Whether a subgraph's value is one that the type can have; custom scalars can have any. */
export type LeafCheck = (value: unknown) => boolean

const BUILT_IN: Readonly<Record<string, LeafCheck>> = {
  Int: (value) => Number.isInteger(value) && (value as number) <= MAX_INT && (value as number) >= MIN_INT,
  Float: (value) => typeof value === 'number',
  String: (value) => typeof value === 'string',
  Boolean: (value) => typeof value === 'boolean',
  ID: (value) => typeof value === 'string' || Number.isInteger(value),
}

/** Null for a custom scalar. */
export function leafCheck(type: GraphQLLeafType): LeafCheck | null {
  if (isEnumType(type)) {
    const names = new Set(type.getValues().map(({ name }) => name))
    return (value) => typeof value === 'string' && names.has(value)
  }
  return BUILT_IN[type.name] ?? null
}
