import { isRecord } from '@bulkhead/service/json'
import { type DirectiveNode, type DocumentNode, Kind, parse, type SelectionSetNode } from 'graphql'
import type { DataObject } from './graphs/graph.ts'

/** What a subgraph's SDL says of a type that its `_entities` can be asked for. */
export type EntityType = {
  readonly isInterface: boolean
  /** Those by which the subgraph can be asked. */
  readonly keys: readonly SelectionSetNode[]
  /** Fields that only a representation can give, because another subgraph owns them. */
  readonly external: readonly string[]
}

export function readEntityTypes(typeDefs: DocumentNode): ReadonlyMap<string, EntityType> {
  const types = new Map<string, EntityType>()
  for (const definition of typeDefs.definitions) {
    if (!('fields' in definition) || !('interfaces' in definition)) continue
    const keys = (definition.directives ?? []).filter(({ name }) => name.value === 'key').map(readKey)
    if (keys.length === 0) continue
    const keyFields = new Set(keys.flatMap(({ fields }) => fields.selections.flatMap(nameOf)))
    types.set(definition.name.value, {
      isInterface: definition.kind.startsWith('Interface'),
      keys: keys.filter(({ resolvable }) => resolvable).map(({ fields }) => fields),
      external: (definition.fields ?? [])
        .filter(({ directives }) => directives?.some(({ name }) => name.value === 'external'))
        .map(({ name }) => name.value)
        // Subgraphs of Federation 1 mark their keys as external, and know them all the same.
        .filter((name) => !keyFields.has(name)),
    })
  }
  return types
}

function readKey(directive: DirectiveNode): { fields: SelectionSetNode; resolvable: boolean } {
  const resolvable = directive.arguments?.find(({ name }) => name.value === 'resolvable')?.value
  const fields = directive.arguments?.find(({ name }) => name.value === 'fields')?.value
  const [definition] = parse(fields?.kind === Kind.STRING ? `{ ${fields.value} }` : '{}').definitions
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('a @key without fields')
  return {
    fields: definition.selectionSet,
    resolvable: !(resolvable?.kind === Kind.BOOLEAN && !resolvable.value),
  }
}

function nameOf(selection: SelectionSetNode['selections'][number]): string[] {
  return selection.kind === Kind.FIELD ? [selection.name.value] : []
}

/** The object that a representation stands for; null where there is none. */
export function findEntity(
  representation: Readonly<Record<string, unknown>>,
  type: EntityType,
  candidates: readonly DataObject[],
): DataObject | null {
  const key = type.keys.find((fields) => hasAll(representation, fields))
  if (!key) throw new Error(`no key of the type in ${JSON.stringify(representation)}`)
  return candidates.find((candidate) => isSameAt(candidate, representation, key)) ?? null
}

function hasAll(value: unknown, fields: SelectionSetNode): boolean {
  return (
    isRecord(value) &&
    fields.selections.every(
      (field) =>
        field.kind === Kind.FIELD &&
        Object.hasOwn(value, field.name.value) &&
        (!field.selectionSet || hasAll(value[field.name.value], field.selectionSet)),
    )
  )
}

function isSameAt(one: unknown, other: unknown, fields: SelectionSetNode): boolean {
  if (!isRecord(one) || !isRecord(other)) return one === other
  return fields.selections.every((field) => {
    if (field.kind !== Kind.FIELD) return false
    const [left, right] = [one[field.name.value], other[field.name.value]]
    return field.selectionSet ? isSameAt(left, right, field.selectionSet) : left === right
  })
}

/**
 * An entity as a subgraph sees it that was asked with this representation: what it does not own is what was sent, and
 * asking for what was not sent throws, because it means that a plan's `requires` was not heeded.
 */
export function viewOf(
  entity: DataObject,
  representation: Readonly<Record<string, unknown>>,
  type: EntityType,
): object {
  const view = Object.create(entity)
  if (!type.isInterface) Object.defineProperty(view, '__typename', { value: representation.__typename })
  for (const field of type.external) {
    Object.defineProperty(view, field, {
      get() {
        if (Object.hasOwn(representation, field)) return representation[field]
        throw new Error(`${field} is not in ${JSON.stringify(representation)}`)
      },
    })
  }
  return view
}
