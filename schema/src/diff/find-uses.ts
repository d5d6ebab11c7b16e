import {
  type ASTNode,
  type DocumentNode,
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
  TypeInfo,
  typeFromAST,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import {
  argumentCoordinate,
  directiveArgumentCoordinate,
  directiveCoordinate,
  fieldCoordinate,
  omittedKey,
  returnedKey,
  variableKey,
} from './use.ts'

/** Tells each key of a use that a document makes of the schema, and the node that it stands at. */
export type FindUses = (document: DocumentNode, found: (node: ASTNode, key: string) => void) => void

export function createFindUses(schema: GraphQLSchema): FindUses {
  const contained = createContainedTypes()
  return function findUses(document, found) {
    const types = new TypeInfo(schema)
    const addInput = (node: ASTNode, type: GraphQLInputType | null | undefined) => {
      for (const name of contained(type)) {
        found(node, name)
        found(node, variableKey(name))
      }
    }
    visit(
      document,
      visitWithTypeInfo(types, {
        OperationDefinition(node) {
          const root = schema.getRootType(node.operation)
          if (root) found(node, root.name)
        },
        Field(node) {
          const parent = types.getParentType()
          const field = types.getFieldDef()
          if (parent) found(node, parent.name)
          if (!parent || !field || field.name.startsWith('__')) return
          const returned = getNamedType(field.type).name
          found(node, fieldCoordinate(parent.name, field.name))
          found(node, returned)
          found(node, returnedKey(returned))
          for (const omitted of omittedArguments(parent, field, node)) found(node, omittedKey(omitted))
        },
        InlineFragment(node) {
          if (node.typeCondition !== undefined) found(node, node.typeCondition.name.value)
        },
        FragmentDefinition(node) {
          found(node, node.typeCondition.name.value)
        },
        VariableDefinition(node) {
          const type = typeFromAST(schema, node.type)
          if (isInputType(type)) addInput(node, type)
        },
        Argument(node) {
          const directive = types.getDirective()
          const parent = types.getParentType()
          const field = types.getFieldDef()
          if (directive) found(node, directiveArgumentCoordinate(directive.name, node.name.value))
          else if (parent && field) found(node, argumentCoordinate(parent.name, field.name, node.name.value))
          const type = getNamedType(types.getInputType())
          if (type) found(node, type.name)
        },
        Directive(node) {
          found(node, directiveCoordinate(node.name.value))
        },
        ObjectValue(node) {
          const type = getNamedType(types.getInputType())
          if (!isInputObjectType(type)) return
          found(node, type.name)
          // Recorded documents have lost what was in it.
          if (node.fields.length === 0) addInput(node, type)
        },
        ListValue(node) {
          if (node.values.length === 0) addInput(node, types.getInputType())
        },
        ObjectField(node) {
          const type = getNamedType(types.getParentInputType())
          if (isInputObjectType(type)) found(node, fieldCoordinate(type.name, node.name.value))
        },
        EnumValue(node) {
          const type = getNamedType(types.getInputType())
          if (!isEnumType(type)) return
          found(node, type.name)
          found(node, fieldCoordinate(type.name, node.value))
        },
      }),
    )
  }
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
