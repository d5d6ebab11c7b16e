import { type Fragments, fragmentsOf } from '@bulkhead/service/graphql/fragments'
import type { DocumentNode, OperationDefinitionNode, SelectionSetNode } from 'graphql'

/** One of the `errors` of a GraphQL response. */
export type ResponseError = {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly extensions?: Readonly<Record<string, unknown>>
}

export type FetchFailure = {
  readonly code: string
  readonly message: string
  readonly retryable: boolean
  readonly details?: Readonly<Record<string, unknown>>
}

type Path = readonly (string | number)[]

/** Upper bound on errors per answer: a large page of entities with many fields would make megabytes of them. */
export const MAX_ERRORS = 200

const ENTITIES = '_entities'
const TYPENAME = '__typename'

/** Whether an object of this type meets the condition of a fragment. */
type MeetsCondition = (typename: string, condition: string) => boolean

/** A fetch has neither `@skip` nor `@include`: both are decided before it is planned. */
function addResponseKeys(
  selections: SelectionSetNode,
  typename: string | null,
  fragments: Fragments,
  meetsCondition: MeetsCondition,
  keys: Set<string>,
): void {
  for (const selection of selections.selections) {
    if (selection.kind === 'Field') {
      const key = selection.alias?.value ?? selection.name.value
      if (selection.name.value !== TYPENAME) keys.add(key)
      continue
    }
    const fragment = selection.kind === 'FragmentSpread' ? fragments.get(selection.name.value) : selection
    if (!fragment) continue
    const condition = fragment.typeCondition?.name.value
    if (typename === null || condition === undefined || meetsCondition(typename, condition)) {
      addResponseKeys(fragment.selectionSet, typename, fragments, meetsCondition, keys)
    }
  }
}

const NO_SELECTIONS: SelectionSetNode = { kind: 'SelectionSet', selections: [] } as never

function readOperation(document: DocumentNode): { fragments: Fragments; selections: SelectionSetNode } {
  const operation = document.definitions.find(
    (definition): definition is OperationDefinitionNode => definition.kind === 'OperationDefinition',
  )
  return { fragments: fragmentsOf(document), selections: operation?.selectionSet ?? NO_SELECTIONS }
}

/** The path of every field asked for: `[key]` of root fields, `['_entities', index, key]` of entities. */
function* pathsAskedFor(
  selections: SelectionSetNode,
  fragments: Fragments,
  typenames: readonly string[] | undefined,
  meetsCondition: MeetsCondition,
): Generator<Path> {
  if (!typenames) {
    const keys = new Set<string>()
    addResponseKeys(selections, null, fragments, meetsCondition, keys)
    for (const key of keys) yield [key]
    return
  }
  const entities = selections.selections.find(
    (selection) => selection.kind === 'Field' && selection.name.value === ENTITIES,
  )
  const keysByType = new Map<string, ReadonlySet<string>>()
  for (const [index, typename] of typenames.entries()) {
    let keys = keysByType.get(typename)
    if (!keys) {
      const found = new Set<string>()
      if (entities?.kind === 'Field' && entities.selectionSet) {
        addResponseKeys(entities.selectionSet, typename, fragments, meetsCondition, found)
      }
      keys = found
      keysByType.set(typename, keys)
    }
    // The planner asks for the type alone where only another subgraph knows it.
    if (keys.size === 0) yield [ENTITIES, index]
    for (const key of keys) yield [ENTITIES, index, key]
  }
}

/** Whether one of the two paths is a prefix of the other, or equal to it. */
export function isPrefixOf(one: Path, other: Path): boolean {
  const shorter = Math.min(one.length, other.length)
  for (let index = 0; index < shorter; index += 1) if (one[index] !== other[index]) return false
  return true
}

/**
 * The errors of a fetch that brought no data: one at each field asked for, so that the client sees what is missing and
 * where. An error thrown in the gateway would lose both the path and the subgraph's name.
 * @param fetch.errors the subgraph's own errors, which are kept; the fields without one get `failure`
 */
export function failedFetch(
  fetch: {
    readonly document: DocumentNode
    /** The type of each entity; undefined for a fetch of root fields. */
    readonly typenames: readonly string[] | undefined
    readonly meetsCondition: MeetsCondition
    readonly errors?: readonly ResponseError[]
  },
  failure: FetchFailure,
): { readonly errors: readonly ResponseError[] } {
  const { document, typenames, meetsCondition } = fetch
  const { fragments, selections } = readOperation(document)
  const { code, message, retryable, details } = failure
  const extensions = { code, retryable, ...(details === undefined ? {} : { details }) }

  const errors = (fetch.errors ?? []).filter(({ path }) => path !== undefined).slice(0, MAX_ERRORS)
  const pathsWithError = errors.map(({ path }) => path ?? [])
  for (const path of pathsAskedFor(selections, fragments, typenames, meetsCondition)) {
    if (errors.length >= MAX_ERRORS) break
    if (!pathsWithError.some((other) => isPrefixOf(path, other))) errors.push({ message, path, extensions })
  }
  return { errors }
}
