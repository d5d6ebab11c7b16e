import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { meetsTypeCondition } from './type-conditions.ts'

/** Values of the Boolean variables that an operation's `@skip`, `@include` and `@defer` use. */
export type Conditions = ReadonlyMap<string, boolean>

export type SelectionScope = {
  readonly schema: GraphQLSchema
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly conditions: Conditions
  /** Whether fragments with `@defer` are collected too. */
  readonly withDeferred: boolean
}

/** The fields to answer for an object of this type, by response key, as the GraphQL spec collects them (6.3.2). */
export function collectFields(
  selectionSets: readonly SelectionSetNode[],
  typename: string,
  scope: SelectionScope,
): ReadonlyMap<string, readonly FieldNode[]> {
  const fields = new Map<string, FieldNode[]>()
  const visited = new Set<string>()

  function collect(selections: readonly SelectionNode[]): void {
    for (const selection of selections) {
      if (!isIncluded(selection, scope)) continue
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value
        const known = fields.get(key)
        if (known) known.push(selection)
        else fields.set(key, [selection])
        continue
      }
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        if (visited.has(selection.name.value)) continue
        visited.add(selection.name.value)
      }
      const fragment =
        selection.kind === Kind.FRAGMENT_SPREAD ? scope.fragments.get(selection.name.value) : selection
      const condition = fragment?.typeCondition?.name.value
      if (fragment && (condition === undefined || meetsTypeCondition(scope.schema, typename, condition))) {
        collect(fragment.selectionSet.selections)
      }
    }
  }

  for (const { selections } of selectionSets) collect(selections)
  return fields
}

function isIncluded(selection: SelectionNode, { conditions, withDeferred }: SelectionScope): boolean {
  if (!withDeferred && isDeferred(selection, conditions)) return false
  return (
    valueOfIf(selection, 'skip', conditions) !== true && valueOfIf(selection, 'include', conditions) !== false
  )
}

function isDeferred(selection: SelectionNode, conditions: Conditions): boolean {
  const directive = selection.directives?.find(({ name }) => name.value === 'defer')
  return directive !== undefined && valueOfIf(selection, 'defer', conditions) !== false
}

function valueOfIf(selection: SelectionNode, directive: string, conditions: Conditions): boolean | undefined {
  const node = selection.directives?.find(({ name }) => name.value === directive)
  const value = node?.arguments?.find(({ name }) => name.value === 'if')?.value
  if (value?.kind === Kind.BOOLEAN) return value.value
  return value?.kind === Kind.VARIABLE ? conditions.get(value.name.value) : undefined
}
