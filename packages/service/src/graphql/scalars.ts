import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql'
import { z } from 'zod'

const instantSchema = z.iso.datetime({ offset: true })

/**
 * Epoch milliseconds of an RFC 3339 instant; digits below the millisecond are cut off.
 * @returns undefined for anything else, such as a day that does not exist or a leap second
 */
export function parseInstant(text: string): number | undefined {
  // RFC 3339 allows a small "t" and "z", zod does not.
  const parsed = instantSchema.safeParse(text.toUpperCase())
  return parsed.success ? Date.parse(parsed.data) : undefined
}

function readDateTime(value: unknown): number {
  const instant = typeof value === 'string' ? parseInstant(value) : undefined
  if (instant === undefined) {
    throw new GraphQLError('DateTime must be an RFC 3339 instant such as "2026-01-31T12:00:00.000Z"')
  }
  return instant
}

/** Epoch milliseconds in the code; RFC 3339 in UTC with milliseconds for clients. */
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

/** Upper bound on the nesting of a JSON value that a client sends. */
export const MAX_JSON_DEPTH = 32

function refuseDeeper(depth: number): void {
  if (depth > MAX_JSON_DEPTH)
    throw new GraphQLError(`JSON must not nest deeper than ${MAX_JSON_DEPTH} levels`)
}

/**
 * Fastify refuses bodies with these names. A value with one of them would be accepted here, be sent on as JSON, and be
 * refused by the next service, too late to tell the client.
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

/** Any JSON value. What a client sends may nest at most 32 levels. */
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
