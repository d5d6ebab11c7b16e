import { fragmentsOf } from '@bulkhead/service/graphql/fragments'
import { type GraphQLSchema, Kind, type SelectionSetNode } from 'graphql'
import type { CompiledFetch } from '../plan/compiled-fetch.ts'
import type { SelectionScope } from '../response/collect-fields.ts'
import { keysOf } from '../response/response-path.ts'

const ENTITIES = '_entities'

/** What a fetch asks its subgraph for, of the root or of its entities. */
export type Source = { readonly asked: readonly SelectionSetNode[]; readonly scope: SelectionScope }

export function sourceOf({ document, represent }: CompiledFetch, fullSchema: GraphQLSchema): Source {
  const scope = { schema: fullSchema, fragments: fragmentsOf(document), withDeferred: true }
  const asked = document.definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION ? [definition.selectionSet] : [],
  )
  if (represent === null) return { asked, scope }
  const entities = asked.flatMap(({ selections }) =>
    selections.flatMap((selection) =>
      selection.kind === Kind.FIELD && selection.name.value === ENTITIES && selection.selectionSet
        ? [selection.selectionSet]
        : [],
    ),
  )
  return { asked: entities, scope }
}

/** Whether nothing happens to what the fetch sends and gets but that it is put at its place. */
export function isPlain({
  path,
  rewriteInput,
  rewriteOutput,
  contextArguments,
  interfaces,
}: CompiledFetch): boolean {
  return (
    rewriteInput === null &&
    rewriteOutput === null &&
    contextArguments.length === 0 &&
    interfaces.size === 0 &&
    // Conditions on the objects themselves: those on others around them say more than the keys of a path.
    path.every(({ type }, index) => type === 'field' || path.slice(index).every((step) => step.type === type))
  )
}

/** Whether a fetch adds fields to objects of this type at these keys. */
export function isFor(
  { represent, path }: CompiledFetch,
  place: readonly string[],
  typename: string,
): boolean {
  const keys = keysOf(path)
  return (
    represent !== null &&
    keys.length === place.length &&
    keys.every((key, index) => key === place[index]) &&
    path.every((step) => step.type === 'field' || step.applies(typename))
  )
}
