import { type Fragments, isDeferred } from '@bulkhead/service/graphql/fragments'
import { type FieldNode, type GraphQLSchema, Kind, type SelectionNode, type SelectionSetNode } from 'graphql'
import { meetsTypeCondition } from './type-conditions.ts'

export type SelectionScope = {
  readonly schema: GraphQLSchema
  readonly fragments: Fragments
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
      if (!scope.withDeferred && isDeferred(selection)) continue
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
