import type { Fragments } from '@bulkhead/service/graphql/fragments'
import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql'

const FRAGMENT = '... on '

type Level = { readonly type: GraphQLCompositeType; readonly set: SelectionSetNode }

/**
 * The declared type of what stands at a path of response keys and `... on Type` steps in an operation.
 * @throws {Error} where the operation has no such path
 */
export function typeAtPath(
  path: readonly string[],
  root: Level,
  schema: GraphQLSchema,
  fragments: Fragments,
): GraphQLCompositeType {
  let type: GraphQLCompositeType = root.type
  let levels: readonly Level[] = [root]
  for (const step of path) {
    if (step.startsWith(FRAGMENT)) {
      const narrowed = schema.getType(step.slice(FRAGMENT.length))
      if (isCompositeType(narrowed)) type = narrowed
      continue
    }
    const found = levels
      .flatMap((level) => fieldsOf(level, schema, fragments))
      .filter(({ key }) => key === step)
    const [first] = found
    if (!first) throw new Error(`no field ${step} in the operation`)
    type = first.type
    levels = found.flatMap(({ node, type }) => (node.selectionSet ? [{ type, set: node.selectionSet }] : []))
  }
  return type
}

type TypedField = { readonly key: string; readonly type: GraphQLCompositeType; readonly node: FieldNode }

/** The fields of a selection set that have fields themselves, those of its fragments included. */
function fieldsOf(level: Level, schema: GraphQLSchema, fragments: Fragments): TypedField[] {
  return level.set.selections.flatMap((selection): TypedField[] => {
    if (selection.kind === Kind.FIELD) {
      const definition =
        isObjectType(level.type) || isInterfaceType(level.type)
          ? level.type.getFields()[selection.name.value]
          : undefined
      const type = definition && getNamedType(definition.type)
      if (!isCompositeType(type)) return []
      return [{ key: selection.alias?.value ?? selection.name.value, type, node: selection }]
    }
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection
    if (!fragment) return []
    const condition = fragment.typeCondition && schema.getType(fragment.typeCondition.name.value)
    const type = isCompositeType(condition) ? condition : level.type
    return fieldsOf({ type, set: fragment.selectionSet }, schema, fragments)
  })
}
