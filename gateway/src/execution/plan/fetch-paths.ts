import type { FetchDataRewrite, FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner'
import { fragmentsOf } from '@bulkhead/service/graphql/fragments'
import { type DocumentNode, Kind, type SelectionSetNode } from 'graphql'

/** A response path as text, without list indices: `items.nodes.id`. */
type Field = string

const ENTITIES = '_entities'
const CONTEXT_PARENT = '..'
const FRAGMENT = '... on '

export function join(path: Field, key: string): Field {
  return path === '' ? key : `${path}.${key}`
}

/** The path itself and all that it leads through. */
function prefixesOf(keys: readonly string[]): Field[] {
  const prefixes: Field[] = []
  for (const key of keys) prefixes.push(join(prefixes.at(-1) ?? '', key))
  return prefixes
}

/** What must be in the response before a fetch can be sent: its objects, and the fields that represent them. */
export function fieldsRead(fetch: FetchNode, keys: readonly string[]): ReadonlySet<Field> {
  const fields = new Set(prefixesOf(keys))
  function add(selections: readonly QueryPlanSelectionNode[], at: Field): void {
    for (const selection of selections) {
      if (selection.kind === 'InlineFragment') add(selection.selections, at)
      else {
        const field = join(at, selection.alias ?? selection.name)
        fields.add(field)
        if (selection.selections) add(selection.selections, field)
      }
    }
  }
  add(fetch.requires ?? [], keys.join('.'))
  for (const { path } of fetch.contextRewrites ?? []) {
    const up = path.filter((step) => step === CONTEXT_PARENT).length
    const down = path.filter((step) => step !== CONTEXT_PARENT && !step.startsWith(FRAGMENT))
    for (const field of prefixesOf([...keys.slice(0, keys.length - up), ...down])) fields.add(field)
  }
  return fields
}

/** What a fetch adds to the response. */
export function fieldsWritten(
  fetch: FetchNode,
  document: DocumentNode,
  keys: readonly string[],
): ReadonlySet<Field> {
  const fields = new Set<Field>()
  const fragments = fragmentsOf(document)
  function add(set: SelectionSetNode | undefined, at: Field): void {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.INLINE_FRAGMENT) add(selection.selectionSet, at)
      else if (selection.kind === Kind.FRAGMENT_SPREAD)
        add(fragments.get(selection.name.value)?.selectionSet, at)
      else if (fetch.requires && selection.name.value === ENTITIES) add(selection.selectionSet, at)
      else {
        const field = join(at, selection.alias?.value ?? selection.name.value)
        fields.add(field)
        add(selection.selectionSet, field)
      }
    }
  }
  const at = keys.join('.')
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) add(definition.selectionSet, at)
  }
  for (const field of renamed(fields, fetch.outputRewrites ?? [], at)) fields.add(field)
  return fields
}

/** The fields that output rewrites give another name, with everything below them. */
function renamed(fields: ReadonlySet<Field>, rewrites: readonly FetchDataRewrite[], at: Field): Field[] {
  return rewrites.flatMap((rewrite) => {
    if (rewrite.kind !== 'KeyRenamer') return []
    const path = rewrite.path.filter((step) => !step.startsWith(FRAGMENT))
    const from = [at, ...path].filter((part) => part !== '').join('.')
    const to = [at, ...path.slice(0, -1), rewrite.renameKeyTo].filter((part) => part !== '').join('.')
    return [...fields]
      .filter((field) => field === from || field.startsWith(`${from}.`))
      .map((field) => to + field.slice(from.length))
  })
}
