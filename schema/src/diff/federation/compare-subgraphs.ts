import type { GraphQLSchema } from 'graphql'
import { type Change, change } from '../change.ts'
import { abstractTypesOf } from '../schema-lookup.ts'
import { fieldCoordinate, type Use } from '../use.ts'
import { compareField, type InSubgraphs } from './compare-field.ts'
import { topFields } from './field-set.ts'
import type { GraphMetadata, TypeInSubgraph } from './graph-metadata.ts'

/** Uses of an element of a type, by the type itself and by what an object of it can be asked for by. */
export type UsesOf = {
  readonly type: (type: string) => readonly Use[]
  readonly field: (coordinate: string) => readonly Use[]
}

export function usesOf(schema: GraphQLSchema): UsesOf {
  const abstracts = abstractTypesOf(schema)
  return {
    type: (type) => [type, ...(abstracts.get(type) ?? [])].map((one) => [one]),
    field(coordinate) {
      const [type = '', field = ''] = coordinate.split('.')
      return [type, ...(abstracts.get(type) ?? [])].map((one) => [fieldCoordinate(one, field)])
    },
  }
}

/** What changed in which subgraphs there are, and in what they say of types and fields that were there before. */
export function* compareSubgraphs(base: GraphMetadata, head: GraphMetadata, uses: UsesOf): Generator<Change> {
  for (const name of head.subgraphs) {
    if (base.subgraphs.includes(name)) continue
    yield change('SUBGRAPH_ADDED', 'SAFE', null, `Subgraph ${name} is new.`, {
      detail: name,
      subgraphs: [name],
    })
  }
  for (const name of base.subgraphs) {
    if (head.subgraphs.includes(name)) continue
    yield change('SUBGRAPH_REMOVED', 'DANGEROUS', null, `Subgraph ${name} is gone.`, {
      detail: name,
      subgraphs: [name],
    })
  }
  const staying = base.subgraphs.filter((name) => head.subgraphs.includes(name))
  for (const [type, before] of base.types) {
    const after = head.types.get(type)
    if (after === undefined) continue
    for (const subgraph of staying) {
      yield* compareType(type, subgraph, before.get(subgraph), after.get(subgraph), uses)
    }
  }
  for (const [coordinate, before] of base.fields) {
    const after = head.fields.get(coordinate)
    if (after === undefined || areSame(before, after)) continue
    const [type = ''] = coordinate.split('.')
    yield* compareField({
      coordinate,
      before,
      after,
      staying,
      uses: uses.field(coordinate),
      isKey: (subgraph, field) => isKeyField(base, head, type, subgraph, field),
    })
  }
}

/** Whether nothing is said of the field in both graphs but who has it: so it is for most, which need no look. */
function areSame(before: InSubgraphs, after: InSubgraphs): boolean {
  return before.size === after.size && [...before].every(([name, field]) => after.get(name) === field)
}

/** Whether a subgraph has the field because it is part of a key: every subgraph that knows the entity has it. */
function isKeyField(
  base: GraphMetadata,
  head: GraphMetadata,
  type: string,
  subgraph: string,
  field: string,
): boolean {
  return [base, head].some(({ types }) => {
    const keys = types.get(type)?.get(subgraph)?.keys.keys() ?? []
    return [...keys].some((key) => topFields(key).includes(field))
  })
}

function* compareType(
  type: string,
  subgraph: string,
  before: TypeInSubgraph | undefined,
  after: TypeInSubgraph | undefined,
  uses: UsesOf,
): Generator<Change> {
  const about = { subgraphs: [subgraph], uses: uses.type(type) }
  for (const [key, resolvable] of before?.keys ?? []) {
    const now = after?.keys.get(key)
    const detail = `${subgraph} ${key}`
    if (now === undefined) {
      yield change(
        'KEY_REMOVED',
        'DANGEROUS',
        type,
        `Subgraph ${subgraph} no longer has the key "${key}" of ${type}.`,
        { ...about, detail },
      )
    } else if (now !== resolvable) {
      yield change(
        'KEY_RESOLVABLE_CHANGED',
        now ? 'SAFE' : 'DANGEROUS',
        type,
        `Subgraph ${subgraph} ${now ? 'now resolves' : 'no longer resolves'} ${type} by its key "${key}".`,
        { ...about, detail },
      )
    }
  }
  for (const key of after?.keys.keys() ?? []) {
    if (before?.keys.has(key)) continue
    yield change('KEY_ADDED', 'SAFE', type, `Subgraph ${subgraph} has a new key "${key}" of ${type}.`, {
      ...about,
      detail: `${subgraph} ${key}`,
    })
  }
  if (before === undefined || after === undefined) return
  if (!before.isInterfaceObject && after.isInterfaceObject) {
    yield change(
      'INTERFACE_OBJECT_ADDED',
      'DANGEROUS',
      type,
      `${type} is now an @interfaceObject in subgraph ${subgraph}.`,
      { ...about, detail: subgraph },
    )
  }
  if (before.isInterfaceObject && !after.isInterfaceObject) {
    yield change(
      'INTERFACE_OBJECT_REMOVED',
      'DANGEROUS',
      type,
      `${type} is no longer an @interfaceObject in subgraph ${subgraph}.`,
      { ...about, detail: subgraph },
    )
  }
}
