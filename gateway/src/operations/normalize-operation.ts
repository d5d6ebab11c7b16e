import {
  type ArgumentNode,
  astFromValue,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { type ClientKeys, executionKey } from '../execution/response/client-keys.ts'
import { collectFields } from '../execution/response/collect-fields.ts'
import type { Supergraph } from '../supergraph/supergraph.ts'
import { type Conditions, isIncluded, valueOfIf } from './conditions.ts'

/** An operation in the form in which it is planned and executed. */
export type NormalizedOperation = {
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
  readonly clientKeys: ClientKeys
}

const INTROSPECTION = '__'
const TYPENAME = '__typename'
const FILLER_KEY = '_'
const FILLER: FieldNode = {
  kind: Kind.FIELD,
  alias: { kind: Kind.NAME, value: FILLER_KEY },
  name: { kind: Kind.NAME, value: TYPENAME },
}

/**
 * Rewrites an operation so that the planner plans it right:
 *
 * - Conditions are decided. The planner may join two fields in one fetch although what one of them requires is only
 *   fetched under a condition.
 * - A field that has an alias, or may have other arguments than those that are required elsewhere, gets a response key
 *   that no field of a schema has. The planner adds fields that it needs, such as keys, under their names, where the
 *   client's would stand for something else.
 * - The root fields of a mutation have an order, which the planner may lose where they are in fragments. So they are
 *   collected as the GraphQL spec does it. That removes `@defer` at the root, where it would delay the effects.
 */
export function normalizeOperation(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  conditions: Conditions,
  supergraph: Pick<Supergraph, 'schema' | 'requiredWithArguments' | 'required'>,
): NormalizedOperation {
  const keys = new Map<string, string>()
  const clientKeys = new Map<string, string | null>([
    [FILLER_KEY, null],
    ...[...supergraph.required.fields].map(([key, { name }]) => [key, name.value] as const),
  ])

  function normalizeSet(set: SelectionSetNode): SelectionSetNode {
    const selections = set.selections.flatMap(normalizeSelection)
    return { ...set, selections: selections.length === 0 ? [FILLER] : selections }
  }

  function normalizeSelection(selection: SelectionNode): SelectionNode[] {
    if (!isIncluded(selection, conditions)) return []
    const directives = (selection.directives ?? []).flatMap((directive) =>
      decide(directive, conditions, supergraph.schema),
    )
    if (selection.kind === Kind.FRAGMENT_SPREAD) return [{ ...selection, directives }]
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      return [{ ...selection, directives, selectionSet: normalizeSet(selection.selectionSet) }]
    }
    // Introspection is not planned.
    if (selection.name.value.startsWith(INTROSPECTION) && selection.name.value !== TYPENAME)
      return [selection]
    const { selectionSet, ...field } = { ...selection, ...aliasOf(selection), directives }
    return [selectionSet ? { ...field, selectionSet: normalizeSet(selectionSet) } : field]
  }

  function aliasOf({ alias, name }: FieldNode): Pick<FieldNode, 'alias'> {
    if (!alias && !supergraph.requiredWithArguments.has(name.value)) return {}
    const clientKey = alias?.value ?? name.value
    let key = keys.get(clientKey)
    if (key === undefined) {
      key = executionKey(keys.size, name.value)
      keys.set(clientKey, key)
      clientKeys.set(key, clientKey)
    }
    return { alias: { kind: Kind.NAME, value: key } }
  }

  const fragments = document.definitions.flatMap((definition) =>
    definition.kind === Kind.FRAGMENT_DEFINITION
      ? definition.typeCondition.name.value.startsWith(INTROSPECTION)
        ? [definition]
        : [{ ...definition, selectionSet: normalizeSet(definition.selectionSet) }]
      : [],
  )
  const selectionSet = normalizeSet(operation.selectionSet)
  const normalized =
    operation.operation === 'mutation'
      ? { ...operation, selectionSet: collectRootFields(selectionSet, fragments, supergraph.schema) }
      : { ...operation, selectionSet }
  return {
    document: { kind: Kind.DOCUMENT, definitions: [normalized, ...fragments] },
    operation: normalized,
    clientKeys,
  }
}

function collectRootFields(
  selectionSet: SelectionSetNode,
  fragments: readonly FragmentDefinitionNode[],
  schema: GraphQLSchema,
): SelectionSetNode {
  const fields = collectFields([selectionSet], schema.getMutationType()?.name ?? '', {
    schema,
    fragments: new Map(fragments.map((fragment) => [fragment.name.value, fragment])),
    withDeferred: true,
  })
  return { ...selectionSet, selections: [...fields.values()].flat() }
}

/** A selection that is included needs no `@skip` and no `@include`, and `@defer` without its condition. */
function decide(directive: DirectiveNode, conditions: Conditions, schema: GraphQLSchema): DirectiveNode[] {
  switch (directive.name.value) {
    case 'skip':
    case 'include':
      return []
    case 'defer': {
      if (valueOfIf(directive, conditions) === false) return []
      const args = (directive.arguments ?? []).filter(({ name }) => name.value !== 'if')
      return [{ ...directive, arguments: args }]
    }
    default:
      return [withDefaults(directive, schema)]
  }
}

/** A directive with all its arguments, since a subgraph may know it without the defaults. */
function withDefaults(directive: DirectiveNode, schema: GraphQLSchema): DirectiveNode {
  const given = directive.arguments ?? []
  const missing = (schema.getDirective(directive.name.value)?.args ?? []).flatMap(
    ({ name, type, defaultValue }): ArgumentNode[] => {
      if (given.some((argument) => argument.name.value === name)) return []
      const value = defaultValue === undefined ? null : astFromValue(defaultValue, type)
      return value ? [{ kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: name }, value }] : []
    },
  )
  return { ...directive, arguments: [...given, ...missing] }
}
