import type { DocumentNode, FragmentDefinitionNode, SelectionSetNode } from 'graphql'

/** An error as it stands in a GraphQL response. */
export type ResponseError = {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly extensions?: Readonly<Record<string, unknown>>
}

export type FetchFailure = { readonly code: string; readonly message: string; readonly retryable: boolean }

/** A slate has one entity and few fields; a page of entities must not multiply into a megabyte of errors. */
const MAX_ERRORS = 200

const TYPENAME = '__typename'

const addResponseKeys = (
  selections: SelectionSetNode,
  typename: string | null,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  keys: Set<string>,
): void => {
  for (const selection of selections.selections) {
    if (selection.kind === 'Field') {
      const key = selection.alias?.value ?? selection.name.value
      if (selection.name.value !== TYPENAME) keys.add(key)
      continue
    }
    const fragment = selection.kind === 'FragmentSpread' ? fragments.get(selection.name.value) : selection
    if (!fragment) continue
    const condition = fragment.typeCondition?.name.value
    // Interfaces do not cross our subgraphs, so a condition that differs from the representation's type excludes it.
    if (typename === null || condition === undefined || condition === typename) {
      addResponseKeys(fragment.selectionSet, typename, fragments, keys)
    }
  }
}

const operationOf = (document: DocumentNode) => {
  const fragments = new Map<string, FragmentDefinitionNode>()
  let selections: SelectionSetNode | undefined
  for (const definition of document.definitions) {
    if (definition.kind === 'FragmentDefinition') fragments.set(definition.name.value, definition)
    if (definition.kind === 'OperationDefinition') selections = definition.selectionSet
  }
  return { fragments, selections: selections ?? { kind: 'SelectionSet', selections: [] } } as {
    fragments: ReadonlyMap<string, FragmentDefinitionNode>
    selections: SelectionSetNode
  }
}

const typenameOf = (representation: unknown): string | null =>
  representation !== null && typeof representation === 'object' && TYPENAME in representation
    ? String(representation[TYPENAME])
    : null

/**
 * The answer of a fetch that brought nothing: every requested field null, with one error on each, so that the client
 * learns at which path what is missing. Thrown instead, the gateway would drop both path and subgraph.
 */
export const failedFetch = (
  document: DocumentNode,
  representations: readonly unknown[] | undefined,
  failure: FetchFailure,
): { data: Record<string, unknown>; errors: ResponseError[] } => {
  const { fragments, selections } = operationOf(document)
  const extensions = { code: failure.code, retryable: failure.retryable }
  const errorAt = (path: (string | number)[]): ResponseError => ({
    message: failure.message,
    path,
    extensions,
  })

  if (!representations) {
    const keys = new Set<string>()
    addResponseKeys(selections, null, fragments, keys)
    return {
      data: Object.fromEntries([...keys].map((key) => [key, null])),
      errors: [...keys].slice(0, MAX_ERRORS).map((key) => errorAt([key])),
    }
  }

  const entitySelections = selections.selections.find(
    (selection) => selection.kind === 'Field' && selection.name.value === '_entities',
  )
  const keysByType = new Map<string | null, readonly string[]>()
  const errors: ResponseError[] = []
  representations.forEach((representation, index) => {
    if (errors.length >= MAX_ERRORS) return
    const typename = typenameOf(representation)
    let keys = keysByType.get(typename)
    if (!keys) {
      const found = new Set<string>()
      if (entitySelections?.kind === 'Field' && entitySelections.selectionSet) {
        addResponseKeys(entitySelections.selectionSet, typename, fragments, found)
      }
      keys = [...found]
      keysByType.set(typename, keys)
    }
    for (const key of keys) errors.push(errorAt(['_entities', index, key]))
  })
  return { data: { _entities: representations.map(() => null) }, errors: errors.slice(0, MAX_ERRORS) }
}
