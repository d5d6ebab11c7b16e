import { isJsonMap, isSchemaNode, type Json, type JsonMap, type SchemaNode } from './json-schema.ts'
import type { ArrayShape, NumberShape, ObjectShape, OpaquePart, Shape } from './shapes.ts'

/** Groups of keywords that belong together and depend on no other one. */
const OPAQUE_KEYWORDS = [
  ['not'],
  ['if', 'then', 'else'],
  ['contains', 'minContains', 'maxContains'],
  ['dependentRequired'],
  ['dependentSchemas'],
  ['dependencies'],
] as const

/** These name properties too, which are not looked for in them. */
const NAMING_KEYWORDS = ['if', 'dependentSchemas', 'dependencies'] as const

/**
 * What a node says by itself, without references and combinations.
 * @param isClaim of a keyword; see `keywords.ts`
 */
export function ownShapes(node: JsonMap, isClaim: (keyword: string) => boolean): readonly Shape[] {
  if ('const' in node) return [{ kind: 'values', values: [node.const ?? null] }]
  if (Array.isArray(node.enum)) return [{ kind: 'values', values: node.enum }]
  const types = new Set(Array.isArray(node.type) ? node.type : [node.type])
  if (node.nullable === true && !types.has(undefined)) types.add('null')
  const has = (type: string): boolean => types.has(undefined) || types.has(type)
  const groups = OPAQUE_KEYWORDS.flatMap((group): readonly OpaquePart[] => {
    const present = group.filter((keyword) => keyword in node)
    if (present.length === 0) return []
    return [{ keyword: group[0], value: present.map((keyword) => node[keyword] ?? null), isClaim: false }]
  })
  const claims = Object.entries(node).flatMap(([keyword, value]): readonly OpaquePart[] =>
    isClaim(keyword) ? [{ keyword, value, isClaim: true }] : [],
  )
  const opaque = [...groups, ...claims]
  const shapes: Shape[] = []
  if (has('null')) shapes.push({ kind: 'values', values: [null] })
  if (has('boolean')) shapes.push({ kind: 'values', values: [false, true] })
  if (has('number') || has('integer')) shapes.push(numberShape(node, !has('number'), opaque))
  if (has('string')) {
    shapes.push({
      kind: 'string',
      min: numberOf(node, 'minLength', 0),
      max: numberOf(node, 'maxLength', Number.POSITIVE_INFINITY),
      patterns: textsOf(node, 'pattern'),
      formats: textsOf(node, 'format'),
      opaque: opaque.filter(({ keyword }) => keyword !== 'format'),
    })
  }
  if (has('array')) shapes.push(arrayShape(node, opaque))
  if (has('object')) shapes.push(objectShape(node, opaque))
  return shapes
}

function numberShape(node: JsonMap, isInteger: boolean, opaque: readonly OpaquePart[]): NumberShape {
  const boundOf = (inclusive: string, exclusive: string, tighter: (a: number, b: number) => boolean) => {
    const a = node[inclusive]
    const b = node[exclusive]
    const isB = typeof b === 'number' && (typeof a !== 'number' || !tighter(a, b))
    if (isB) return { value: b, isExclusive: true }
    return typeof a === 'number' ? { value: a, isExclusive: false } : null
  }
  const multiple = node.multipleOf
  return {
    kind: 'number',
    min: boundOf('minimum', 'exclusiveMinimum', (a, b) => a > b),
    max: boundOf('maximum', 'exclusiveMaximum', (a, b) => a < b),
    isInteger,
    multiples: typeof multiple === 'number' ? [multiple] : [],
    opaque,
  }
}

function arrayShape(node: JsonMap, opaque: readonly OpaquePart[]): ArrayShape {
  const isDraft7Tuple = Array.isArray(node.items)
  const prefix = schemasOf(isDraft7Tuple ? node.items : node.prefixItems)
  const rest = node[isDraft7Tuple ? 'additionalItems' : 'items']
  return {
    kind: 'array',
    min: numberOf(node, 'minItems', 0),
    max: numberOf(node, 'maxItems', Number.POSITIVE_INFINITY),
    isUnique: node.uniqueItems === true,
    prefix,
    rest: isSchemaNode(rest) ? rest : true,
    opaque,
  }
}

function objectShape(node: JsonMap, opaque: readonly OpaquePart[]): ObjectShape {
  const properties = isJsonMap(node.properties) ? node.properties : {}
  const additional = node.additionalProperties
  const names = node.propertyNames
  return {
    kind: 'object',
    min: numberOf(node, 'minProperties', 0),
    max: numberOf(node, 'maxProperties', Number.POSITIVE_INFINITY),
    properties: new Map(
      Object.entries(properties).flatMap(([name, schema]) =>
        isSchemaNode(schema) ? [[name, schema] as const] : [],
      ),
    ),
    required: new Set(Array.isArray(node.required) ? node.required.map(String) : []),
    additional: isSchemaNode(additional) ? additional : true,
    saysAdditional: isSchemaNode(additional) || NAMING_KEYWORDS.some((keyword) => keyword in node),
    names: isSchemaNode(names) ? names : true,
    opaque,
  }
}

/** The schemas of a list; empty for anything else. */
export function schemasOf(value: Json | undefined): readonly SchemaNode[] {
  return Array.isArray(value) ? value.filter(isSchemaNode) : []
}

function numberOf(node: JsonMap, keyword: string, otherwise: number): number {
  const value = node[keyword]
  return typeof value === 'number' ? value : otherwise
}

function textsOf(node: JsonMap, keyword: string): readonly string[] {
  const value = node[keyword]
  return typeof value === 'string' ? [value] : []
}
