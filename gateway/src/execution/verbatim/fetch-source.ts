import { fragmentsOf } from '@bulkhead/service/graphql/fragments'
import { type GraphQLSchema, Kind, type SelectionSetNode } from 'graphql'
import type { CompiledFetch } from '../plan/compiled-fetch.ts'
import { join } from '../plan/fetch-paths.ts'
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
  represent,
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
    // A payload may have a field `query`, below which root fields are fetched.
    (represent !== null || path.length === 0) &&
    path.every(({ type }) => type === 'field')
  )
}

/** Where a fetch adds fields: response keys from the root, as text. */
export function pathOf({ path }: CompiledFetch): string {
  return keysOf(path).reduce(join, '')
}
