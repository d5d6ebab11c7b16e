import { type Fragments, fragmentsOf, isDeferred } from '@bulkhead/service/graphql/fragments'
import {
  BREAK,
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import type { Supergraph } from '../supergraph/supergraph.ts'

type Scope = {
  readonly schema: GraphQLSchema
  /** The fields with `@requires` that interface objects add to an interface, by the interface's name. */
  readonly interfaceObjects: Supergraph['interfaceObjects']
  readonly fragments: Fragments
}

/** Whether a field of the document may give an object of an interface that is an interface object in some subgraph. */
export function hasInterfaceObject(
  document: DocumentNode,
  { schema, interfaceObjects }: Pick<Supergraph, 'schema' | 'interfaceObjects'>,
): boolean {
  if (interfaceObjects.size === 0) return false
  const typeInfo = new TypeInfo(schema)
  let found = false
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      Field() {
        const type = getNamedType(typeInfo.getType())
        if (!isCompositeType(type)) return undefined
        const possible = isAbstractType(type) ? schema.getPossibleTypes(type) : [type]
        found ||= possible.some((each) => each.getInterfaces().some(({ name }) => interfaceObjects.has(name)))
        return found ? BREAK : undefined
      },
    }),
  )
  return found
}

/**
 * A document that asks for at least as much as the given one, for a planner that fails where a type is an interface
 * object in one of the subgraphs:
 *
 * - It throws on a fragment on another interface or union there. So such a fragment becomes one for each object type.
 * - A field with `@requires` inside a fragment on an object type makes it throw, at times after seconds of work, or
 *   forget what the field requires. So such fields are asked for on the interface, outside the fragment.
 */
export function documentForPlanner(document: DocumentNode, supergraph: Supergraph): DocumentNode {
  const { schema, interfaceObjects } = supergraph
  if (interfaceObjects.size === 0) return document
  const fragments = fragmentsOf(document)
  const scope = { schema, interfaceObjects, fragments }
  const operations = document.definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return []
    const root = schema.getRootType(definition.operation)
    return root ? [{ ...definition, selectionSet: rewriteSet(definition.selectionSet, root, scope) }] : []
  })
  return { ...document, definitions: operations }
}

function rewriteSet(set: SelectionSetNode, type: GraphQLCompositeType, scope: Scope): SelectionSetNode {
  const selections = set.selections.flatMap((selection) => rewrite(selection, type, scope))
  const requiring = scope.interfaceObjects.get(type.name)
  if (!requiring) return { ...set, selections }
  const divided = selections.map((selection) => takeFields(selection, requiring))
  return {
    ...set,
    selections: [...divided.flatMap(({ left }) => left), ...divided.flatMap(({ taken }) => taken)],
  }
}

/** Named fragments become inline ones, since what they turn into depends on where they stand. */
function rewrite(selection: SelectionNode, type: GraphQLCompositeType, scope: Scope): SelectionNode[] {
  if (selection.kind === Kind.FIELD) return [rewriteField(selection, type, scope)]
  const fragment =
    selection.kind === Kind.FRAGMENT_SPREAD ? scope.fragments.get(selection.name.value) : selection
  if (!fragment) return []
  const condition = fragment.typeCondition && scope.schema.getType(fragment.typeCondition.name.value)
  const inner = isCompositeType(condition) ? condition : type
  return splitCondition(inner, type, scope).map((each) => ({
    kind: Kind.INLINE_FRAGMENT,
    typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: each.name } },
    directives: selection.directives ?? [],
    selectionSet: rewriteSet(fragment.selectionSet, each, scope),
  }))
}

function rewriteField(field: FieldNode, type: GraphQLCompositeType, scope: Scope): FieldNode {
  const definition =
    isObjectType(type) || isInterfaceType(type) ? type.getFields()[field.name.value] : undefined
  const fieldType = definition && getNamedType(definition.type)
  if (!field.selectionSet || !isCompositeType(fieldType)) return field
  return { ...field, selectionSet: rewriteSet(field.selectionSet, fieldType, scope) }
}

/** The types that a condition stands for at an interface object; the condition itself anywhere else. */
function splitCondition(
  condition: GraphQLCompositeType,
  parent: GraphQLCompositeType,
  { schema, interfaceObjects }: Scope,
): readonly GraphQLCompositeType[] {
  if (!interfaceObjects.has(parent.name) || !isAbstractType(parent)) return [condition]
  if (!isAbstractType(condition) || condition === parent) return [condition]
  const possible = schema.getPossibleTypes(parent)
  return schema.getPossibleTypes(condition).filter((type) => possible.includes(type))
}

type Divided = { readonly left: readonly SelectionNode[]; readonly taken: readonly FieldNode[] }

/** Takes the fields with these names out of a fragment, and out of the fragments in it. What is deferred stays. */
function takeFields(selection: SelectionNode, names: ReadonlySet<string>): Divided {
  if (selection.kind !== Kind.INLINE_FRAGMENT || isDeferred(selection))
    return { left: [selection], taken: [] }
  const inner = selection.selectionSet.selections.map((each): Divided => {
    if (each.kind !== Kind.FIELD) return takeFields(each, names)
    return names.has(each.name.value) ? { left: [], taken: [each] } : { left: [each], taken: [] }
  })
  const selections = inner.flatMap(({ left }) => left)
  return {
    left:
      selections.length === 0
        ? []
        : [{ ...selection, selectionSet: { ...selection.selectionSet, selections } }],
    taken: inner.flatMap(({ taken }) => taken),
  }
}
