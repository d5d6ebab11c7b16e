import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isUnionType,
} from 'graphql'
import type { SeededRandom } from './seeded-random.ts'

export type GeneratedOperation = {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
}

export type OperationShape = {
  readonly operation: 'query' | 'mutation'
  readonly depth: number
  /** Upper bound on fields. */
  readonly fields: number
  /** Values for arguments of type ID and String. */
  readonly texts: readonly string[]
}

/** Aliases that are names of what every object inherits, or of fields that plans use as keys. */
const ODD_ALIASES = [
  'constructor',
  '__proto__',
  'toString',
  'hasOwnProperty',
  'id',
  'title',
  'name',
  'number',
]

/** Writes a valid operation of the schema; the same for the same random numbers. */
export function generateOperation(
  schema: GraphQLSchema,
  random: SeededRandom,
  shape: OperationShape,
): GeneratedOperation {
  const variables = createVariables(random, shape)
  const fragments: { name: string; on: string; text: string }[] = []
  /** What each response key stands for. A key has one meaning in the whole operation, so that fields always merge. */
  const meanings = new Map<string, string>()
  let fieldsLeft = shape.fields

  function selectionSet(type: GraphQLCompositeType, depth: number): string {
    const count = 1 + random.below(5)
    const selections: string[] = []
    for (let index = 0; index < count && fieldsLeft > 0; index += 1) {
      const selection = selectOne(type, depth)
      if (selection !== null) selections.push(selection)
      if (selection !== null && random.chance(0.05)) selections.push(selection)
    }
    return `{ ${selections.length === 0 ? '__typename' : selections.join(' ')} }`
  }

  function selectOne(type: GraphQLCompositeType, depth: number): string | null {
    const draw = random.below(100)
    if (draw < 8) return `${random.chance(0.3) ? 'kind: ' : ''}__typename`
    if (depth > 0 && (draw < 22 || isUnionType(type))) return inlineFragment(type, depth)
    if (depth > 0 && draw < 32) return fragmentSpread(type, depth)
    return isUnionType(type) ? '__typename' : selectField(type.getFields(), depth)
  }

  function selectField(
    fields: Readonly<Record<string, GraphQLField<unknown, unknown>>>,
    depth: number,
  ): string | null {
    const possible = Object.values(fields).filter(
      ({ type }) => depth > 0 || !isCompositeType(getNamedType(type)),
    )
    if (possible.length === 0) return null
    const field = random.pick(possible)
    fieldsLeft -= 1
    const args = argumentsText(field.args)
    const key = responseKey(field, args)
    const type = getNamedType(field.type)
    const set = isCompositeType(type) ? ` ${selectionSet(type, depth - 1)}` : ''
    return `${key === field.name ? '' : `${key}: `}${field.name}${args}${conditions()}${set}`
  }

  function responseKey({ name, type }: { name: string; type: GraphQLOutputType }, args: string): string {
    const meaning = `${name}${args} ${type}`
    const wanted = random.chance(0.12)
      ? random.pick(ODD_ALIASES)
      : random.chance(0.1)
        ? `a${random.below(9)}`
        : name
    for (const key of [wanted, name, ...Array.from({ length: 99 }, (_, index) => `k${index}`)]) {
      const known = meanings.get(key)
      if (known === undefined) meanings.set(key, meaning)
      if (known === undefined || known === meaning) return key
    }
    throw new Error('no response key left')
  }

  function inlineFragment(type: GraphQLCompositeType, depth: number): string {
    const condition = random.chance(0.2) && !isUnionType(type) ? null : overlapping(type)
    return `...${condition ? ` on ${condition}` : ''}${conditions()} ${selectionSet(condition ?? type, depth - 1)}`
  }

  function fragmentSpread(type: GraphQLCompositeType, depth: number): string {
    const known = fragments.filter(({ on }) => on === type.name)
    if (known.length > 0 && random.chance(0.5)) return `...${random.pick(known).name}${conditions()}`
    const condition = overlapping(type)
    const text = selectionSet(condition, depth - 1)
    const name = `F${fragments.length}`
    fragments.push({ name, on: condition.name, text })
    return `...${name}${conditions()}`
  }

  /** A type that objects of `type` may have as well. */
  function overlapping(type: GraphQLCompositeType): GraphQLCompositeType {
    const possible = (each: GraphQLCompositeType) =>
      'getTypes' in each || 'getInterfaces' in each ? possibleTypes(each) : []
    const own = new Set(possible(type))
    const all = Object.values(schema.getTypeMap()).filter((each) => isCompositeType(each))
    return random.pick(all.filter((each) => possible(each).some((name) => own.has(name))))
  }

  function possibleTypes(type: GraphQLCompositeType): string[] {
    return 'isTypeOf' in type ? [type.name] : schema.getPossibleTypes(type).map(({ name }) => name)
  }

  function argumentsText(args: readonly GraphQLArgument[]): string {
    const given = args.filter(
      ({ type, defaultValue }) => (isNonNullType(type) && defaultValue === undefined) || random.chance(0.5),
    )
    if (given.length === 0) return ''
    return `(${given.map(({ name, type }) => `${name}: ${variables.argument(type)}`).join(', ')})`
  }

  function conditions(): string {
    if (!random.chance(0.12)) return ''
    const both = random.chance(0.1)
    const first = random.pick(['skip', 'include'])
    const other = first === 'skip' ? 'include' : 'skip'
    return ` @${first}(if: ${variables.condition()})${both ? ` @${other}(if: ${variables.condition()})` : ''}`
  }

  const root = schema.getRootType(shape.operation as never)
  if (!root) throw new Error(`the schema has no ${shape.operation}`)
  let body = selectionSet(root, shape.depth)
  if (shape.operation === 'query' && random.chance(0.05))
    body = `{ ${introspection(schema, random)} ${body.slice(1)}`
  const definitions = fragments.map(({ name, on, text }) => `fragment ${name} on ${on} ${text}`)
  const name = random.chance(0.5) ? ' Generated' : ''
  return {
    query: [`${shape.operation}${name}${variables.definitions()} ${body}`, ...definitions].join('\n'),
    variables: variables.values(),
  }
}

function introspection(schema: GraphQLSchema, random: SeededRandom): string {
  const type = random.pick(Object.keys(schema.getTypeMap()))
  return random.pick([
    '__schema { queryType { name } directives { name locations } }',
    `__type(name: "${type}") { kind name fields { name type { name ofType { name } } } possibleTypes { name } }`,
    'meta: __schema { types { ...on __Type { name __typename } } }',
  ])
}

type Variable = {
  readonly name: string
  readonly type: string
  readonly defaultText: string | null
  readonly value: unknown
}

/** Collects the variables of an operation, with the values that go with them. */
function createVariables(random: SeededRandom, { texts }: OperationShape) {
  const all: Variable[] = []
  const conditionNames: string[] = []

  function declare(
    type: string,
    value: unknown,
    hasDefault: boolean,
    isRequired: boolean,
    defaultText: string,
  ): string {
    const name = `v${all.length}`
    const isGiven = (isRequired && !hasDefault) || random.chance(0.7)
    all.push({ name, type, defaultText: hasDefault ? defaultText : null, value: isGiven ? value : undefined })
    return `$${name}`
  }

  /** A literal or a variable for an argument of this type. */
  function argument(type: GraphQLInputType): string {
    if (!random.chance(0.4)) return literal(type)
    const value = jsonValue(type)
    const nullable = getNullableType(type)
    const hasDefault = random.chance(0.4)
    // A nullable variable with a default may stand where null may not.
    const declared = hasDefault && random.chance(0.5) ? nullable : type
    const given = value === null && isNonNullType(type) ? jsonValue(nullable) : value
    return declare(String(declared), given, hasDefault, isNonNullType(declared), literal(nullable, true))
  }

  function literal(type: GraphQLInputType, neverNull = false): string {
    return literalOf(jsonValue(type, neverNull), getNullableType(type))
  }

  function jsonValue(type: GraphQLInputType, neverNull = false): unknown {
    if (isNonNullType(type)) return jsonValue(type.ofType, true)
    if (!neverNull && random.chance(0.1)) return null
    if (isListType(type)) return Array.from({ length: random.below(3) }, () => jsonValue(type.ofType, true))
    if (isEnumType(type)) return random.pick(type.getValues()).name
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter(
        (field) => (isNonNullType(field.type) && field.defaultValue === undefined) || random.chance(0.6),
      )
      return Object.fromEntries(fields.map((field) => [field.name, jsonValue(field.type)]))
    }
    switch (type.name) {
      case 'Int':
        return random.below(6)
      case 'Float':
        return random.below(20) / 4
      case 'Boolean':
        return random.chance(0.5)
      default:
        return random.pick(texts)
    }
  }

  function condition(): string {
    if (random.chance(0.25)) return random.pick(['true', 'false'])
    if (conditionNames.length > 0 && random.chance(0.5)) return random.pick(conditionNames)
    const hasDefault = random.chance(0.4)
    const type = hasDefault && random.chance(0.5) ? 'Boolean' : 'Boolean!'
    const name = declare(
      type,
      random.chance(0.5),
      hasDefault,
      type === 'Boolean!',
      random.pick(['true', 'false']),
    )
    conditionNames.push(name)
    return name
  }

  return {
    argument,
    condition,
    definitions() {
      if (all.length === 0) return ''
      const each = all.map(
        ({ name, type, defaultText }) =>
          `$${name}: ${type}${defaultText === null ? '' : ` = ${defaultText}`}`,
      )
      return `(${each.join(', ')})`
    },
    values: () =>
      Object.fromEntries(all.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]))),
  }
}

function literalOf(value: unknown, type: GraphQLInputType): string {
  if (value === null) return 'null'
  if (isListType(type) && Array.isArray(value)) {
    const { ofType } = type
    return `[${value.map((each) => literalOf(each, getNullableType(ofType))).join(', ')}]`
  }
  if (isInputObjectType(type)) {
    const fields = type.getFields()
    return `{ ${Object.entries(value as object)
      .map(
        ([name, each]) =>
          `${name}: ${literalOf(each, getNullableType((fields[name] as { type: GraphQLInputType }).type))}`,
      )
      .join(', ')} }`
  }
  return isEnumType(type) ? String(value) : JSON.stringify(value)
}
