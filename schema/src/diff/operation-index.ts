import {
  type FieldNode,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInputType,
  Kind,
  parse,
  TypeInfo,
  typeFromAST,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import type { AffectedOperation } from '../model/finding.ts'
import type { KnownOperation } from '../model/operation.ts'
import {
  argumentCoordinate,
  directiveArgumentCoordinate,
  directiveCoordinate,
  fieldCoordinate,
  omittedKey,
  returnedKey,
  type Use,
  variableKey,
} from './use.ts'

/** The known operations by what they use of the base's schema. */
export type OperationIndex = {
  /** Those that have all keys of one of the uses, by name and id. */
  readonly affectedBy: (uses: readonly Use[]) => readonly AffectedOperation[]
}

export function indexOperations(
  operations: readonly KnownOperation[],
  schema: GraphQLSchema,
): OperationIndex {
  const sorted = operations.map(affectedOf).toSorted(compareOperations)
  const byId = new Map(operations.map((operation) => [operation.id, operation]))
  const users = new Map<string, Set<number>>()
  const contained = createContainedTypes()
  sorted.forEach(({ id }, index) => {
    const operation = byId.get(id)
    if (operation === undefined) return
    for (const key of usedKeys(operation.document, schema, contained)) {
      const known = users.get(key)
      if (known === undefined) users.set(key, new Set([index]))
      else known.add(index)
    }
  })
  return {
    affectedBy(uses) {
      const found = new Set<number>()
      for (const [first = '', ...rest] of uses) {
        for (const index of users.get(first) ?? []) {
          if (rest.every((key) => users.get(key)?.has(index))) found.add(index)
        }
      }
      return [...found].toSorted((a, b) => a - b).flatMap((index) => sorted[index] ?? [])
    },
  }
}

/** How many characters of an id stand for the name of an anonymous operation. */
const SHORT_ID = 8

function affectedOf({ id, name, usage }: KnownOperation): AffectedOperation {
  return {
    name: name ?? id.slice(0, SHORT_ID),
    id,
    clients: usage?.clients ?? [],
    count: usage?.count ?? null,
    lastSeen: usage?.lastSeen ?? null,
  }
}

function compareOperations(a: AffectedOperation, b: AffectedOperation): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1
  return a.id < b.id ? -1 : 1
}

function usedKeys(text: string, schema: GraphQLSchema, contained: ContainedTypes): ReadonlySet<string> {
  const keys = new Set<string>()
  const types = new TypeInfo(schema)
  const addInput = (type: GraphQLInputType | null | undefined) => {
    for (const name of contained(type)) keys.add(name).add(variableKey(name))
  }
  visit(
    parse(text, { noLocation: true }),
    visitWithTypeInfo(types, {
      Field(node) {
        const parent = types.getParentType()
        const field = types.getFieldDef()
        if (parent) keys.add(parent.name)
        if (!parent || !field || field.name.startsWith('__')) return
        const coordinate = fieldCoordinate(parent.name, field.name)
        const returned = getNamedType(field.type).name
        keys.add(coordinate).add(returned).add(returnedKey(returned))
        for (const omitted of omittedArguments(parent, field, node)) keys.add(omittedKey(omitted))
      },
      InlineFragment(node) {
        if (node.typeCondition !== undefined) keys.add(node.typeCondition.name.value)
      },
      FragmentDefinition(node) {
        keys.add(node.typeCondition.name.value)
      },
      VariableDefinition(node) {
        const type = typeFromAST(schema, node.type)
        if (isInputType(type)) addInput(type)
      },
      Argument(node) {
        const directive = types.getDirective()
        const parent = types.getParentType()
        const field = types.getFieldDef()
        if (directive) keys.add(directiveArgumentCoordinate(directive.name, node.name.value))
        else if (parent && field) keys.add(argumentCoordinate(parent.name, field.name, node.name.value))
        const type = getNamedType(types.getInputType())
        if (type) keys.add(type.name)
      },
      Directive(node) {
        keys.add(directiveCoordinate(node.name.value))
      },
      ObjectValue(node) {
        const type = getNamedType(types.getInputType())
        if (!isInputObjectType(type)) return
        keys.add(type.name)
        // Recorded documents have lost what was in it.
        if (node.fields.length === 0) addInput(type)
      },
      ListValue(node) {
        if (node.values.length === 0) addInput(types.getInputType())
      },
      ObjectField(node) {
        const type = getNamedType(types.getParentInputType())
        if (isInputObjectType(type)) keys.add(fieldCoordinate(type.name, node.name.value))
      },
      EnumValue(node) {
        const type = getNamedType(types.getInputType())
        if (isEnumType(type)) keys.add(type.name).add(fieldCoordinate(type.name, node.value))
      },
    }),
  )
  return keys
}

/** The arguments whose default may count: those that are not given, or by a variable, which may be absent. */
function omittedArguments(
  parent: GraphQLNamedType,
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
): readonly string[] {
  const literals = new Set<string>()
  for (const { name, value } of node.arguments ?? []) {
    if (value.kind !== Kind.VARIABLE) literals.add(name.value)
  }
  return field.args
    .filter(({ name }) => !literals.has(name))
    .map(({ name }) => argumentCoordinate(parent.name, field.name, name))
}

/** The names of the input type and of all that values of it can contain. */
type ContainedTypes = (type: GraphQLInputType | null | undefined) => readonly string[]

function createContainedTypes(): ContainedTypes {
  const known = new Map<string, readonly string[]>()
  return (type) => {
    const named = getNamedType(type ?? undefined)
    if (named === undefined) return []
    const before = known.get(named.name)
    if (before !== undefined) return before
    const names = new Set<string>()
    const open: GraphQLNamedType[] = [named]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (names.has(next.name)) continue
      names.add(next.name)
      if (isInputObjectType(next)) {
        for (const field of Object.values(next.getFields())) open.push(getNamedType(field.type))
      }
    }
    known.set(named.name, [...names])
    return known.get(named.name) ?? []
  }
}
