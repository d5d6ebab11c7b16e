import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql'

const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/

/**
 * Epoch milliseconds of an RFC 3339 instant; digits below the millisecond are cut off.
 * @returns undefined for anything else, days and hours that do not exist included
 */
export function parseInstant(text: string): number | undefined {
  const match = RFC_3339.exec(text)
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number)
  const offset = [Number(match[9] ?? 0), Number(match[10] ?? 0)] as const
  if (hour > 23 || minute > 59 || second > 59 || offset[0] > 23 || offset[1] > 59) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  date.setUTCHours(hour, minute, second, Number((match[7] ?? '').padEnd(3, '0').slice(0, 3)))
  const shift = (offset[0] * 60 + offset[1]) * 60_000
  return date.getTime() - (match[8] === '-' ? -shift : shift)
}

function readDateTime(value: unknown): number {
  const instant = typeof value === 'string' ? parseInstant(value) : undefined
  if (instant === undefined) {
    throw new GraphQLError('DateTime must be an RFC 3339 instant such as "2026-01-31T12:00:00.000Z"')
  }
  return instant
}

/** Inside, an instant is epoch milliseconds (`number`); outside, RFC 3339 in UTC with milliseconds. */
export const DateTime = new GraphQLScalarType<number, string>({
  name: 'DateTime',
  description: 'An instant in UTC, RFC 3339 with milliseconds.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize(value) {
    const date = new Date(value instanceof Date || typeof value === 'number' ? value : Number.NaN)
    if (Number.isNaN(date.getTime())) throw new GraphQLError('DateTime cannot represent this value')
    return date.toISOString()
  },
  parseValue: readDateTime,
  parseLiteral: (node) => readDateTime(node.kind === Kind.STRING ? node.value : undefined),
})

/** Deeper values are refused: they would cost more to walk than they can be worth. */
export const MAX_JSON_DEPTH = 32

function refuseDeeper(depth: number): void {
  if (depth > MAX_JSON_DEPTH)
    throw new GraphQLError(`JSON must not nest deeper than ${MAX_JSON_DEPTH} levels`)
}

/**
 * The names that HTTP bodies may not hold either. What they wrote would be accepted here, travel on as JSON, and be
 * refused by the next service's body parser, where its sender no longer hears of it.
 */
function refuseForgedPrototype(value: object): void {
  const maker: unknown = value.constructor
  const forged =
    Object.hasOwn(value, '__proto__') ||
    (Object.hasOwn(value, 'constructor') &&
      typeof maker === 'object' &&
      maker !== null &&
      Object.hasOwn(maker, 'prototype'))
  if (forged) throw new GraphQLError('JSON must not have a member "__proto__" or "constructor.prototype"')
}

function readNumber(value: number): number {
  if (!Number.isFinite(value)) throw new GraphQLError('JSON numbers must be finite')
  return value
}

function checkJson(value: unknown, depth: number): void {
  if (typeof value === 'number') readNumber(value)
  if (typeof value !== 'object' || value === null) return
  refuseDeeper(depth + 1)
  refuseForgedPrototype(value)
  for (const inner of Object.values(value)) checkJson(inner, depth + 1)
}

function readLiteral(
  node: ValueNode,
  variables: Readonly<Record<string, unknown>> | null | undefined,
  depth: number,
): unknown {
  switch (node.kind) {
    case Kind.NULL:
      return null
    case Kind.STRING:
    case Kind.BOOLEAN:
      return node.value
    case Kind.INT:
    case Kind.FLOAT:
      return readNumber(Number(node.value))
    case Kind.LIST:
      refuseDeeper(depth + 1)
      return node.values.map((inner) => readLiteral(inner, variables, depth + 1))
    case Kind.OBJECT: {
      refuseDeeper(depth + 1)
      const object = Object.fromEntries(
        node.fields.map((field) => [field.name.value, readLiteral(field.value, variables, depth + 1)]),
      )
      refuseForgedPrototype(object)
      return object
    }
    case Kind.VARIABLE: {
      const value = variables?.[node.name.value] ?? null
      checkJson(value, depth)
      return value
    }
    case Kind.ENUM:
      throw new GraphQLError(`JSON has no enum values: write "${node.value}" as a string`)
  }
}

/** Any JSON value, at most 32 levels deep on the way in. */
export const JSONScalar = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  description: 'Any JSON value.',
  serialize: (value) => value,
  parseValue(value) {
    checkJson(value, 0)
    return value
  },
  parseLiteral: (node, variables) => readLiteral(node, variables, 0),
})

/** For the resolver map: `{ ...scalarResolvers, Query: { … } }`. */
export const scalarResolvers = { DateTime, JSON: JSONScalar }
