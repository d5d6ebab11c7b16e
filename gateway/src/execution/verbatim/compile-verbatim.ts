import type { Fragments } from '@bulkhead/service/graphql/fragments'
import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import type { CompiledFetch } from '../plan/compiled-fetch.ts'
import { join } from '../plan/fetch-paths.ts'
import type { ClientKeys } from '../response/client-keys.ts'
import { collectFields, type SelectionScope } from '../response/collect-fields.ts'
import { meetsTypeCondition } from '../response/type-conditions.ts'
import {
  type HoleShape,
  type ObjectOf,
  type ObjectShape,
  VALUE_KINDS,
  type ValueShape,
} from './answer-shape.ts'
import { type ClientPart, cutsOf } from './cuts.ts'
import { isPlain, pathOf, type Source, sourceOf } from './fetch-source.ts'
import { representation, requiredKeys } from './representation.ts'
import { leafShape, SKIPPED, typenameShape } from './value-shapes.ts'

/** How an operation is answered with what its subgraphs say, word for word. */
export type VerbatimPlan = {
  readonly fetches: readonly CompiledFetch[]
  /** The root object with a hole for each fetch of root fields. */
  readonly root: readonly (string | RootHole)[]
}
export type RootHole = { readonly fetch: number; readonly result: ObjectShape }

const TYPENAME = '__typename'

/** Thrown for what has to be parsed and put together field by field. */
class NotVerbatim extends Error {}

/** By response key. */
type Fields = ReadonlyMap<string, readonly FieldNode[]>

/** Fields that one fetch gives. */
type Run = { readonly fetch: number; readonly keys: readonly string[] }

/** Where an object stands: in the answer of a fetch, and in the client's. */
type Place = {
  /** Index of the fetch. */
  readonly fetch: number
  /** Response keys from the root, as in `pathOf`. */
  readonly path: string
  /** What the fetch and what the client ask of it. */
  readonly asked: readonly SelectionSetNode[]
  readonly wanted: readonly SelectionSetNode[]
}

/** Null where an operation has parts that only the data itself can show. */
export function compileVerbatim(options: {
  readonly fetches: readonly CompiledFetch[]
  readonly operation: OperationDefinitionNode
  readonly rootType: GraphQLObjectType
  /** Of the client's document. */
  readonly fragments: Fragments
  readonly clientKeys: ClientKeys
  /** What clients see, and all there is. */
  readonly schema: GraphQLSchema
  readonly fullSchema: GraphQLSchema
}): VerbatimPlan | null {
  const { fetches, operation, rootType, schema, fullSchema, clientKeys } = options
  const clientScope: SelectionScope = { schema, fragments: options.fragments, withDeferred: true }
  const sources = fetches.map((fetch) => sourceOf(fetch, fullSchema))
  if (!fetches.every(isPlain)) return null
  const ofRoot = indicesOf(({ represent }) => represent === null)
  const ofEntities = Map.groupBy(
    indicesOf(({ represent }) => represent !== null),
    (index) => pathOf(fetches[index] as CompiledFetch),
  )
  try {
    return compileRoot()
  } catch (error) {
    if (error instanceof NotVerbatim) return null
    throw error
  }

  function compileRoot(): VerbatimPlan {
    const wanted = wantedFields([operation.selectionSet], rootType.name)
    const asked = askedOfThose(ofRoot, rootType.name)
    refuseShared([...asked.values()])
    const runs = inRuns(wanted, (key) => providerOf(key, asked))
    refuseRepeated(runs)
    if (runs.length === 0) throw new NotVerbatim()
    const root = runs.flatMap(({ fetch, keys }, index): (string | RootHole)[] => {
      const place = { fetch, path: '', asked: sources[fetch]?.asked ?? [], wanted: [operation.selectionSet] }
      const result = objectShape(place, rootType.name, new Set(keys))
      return [index === 0 ? '{' : ',', { fetch, result }]
    })
    return { fetches, root: [...root, '}'] }
  }

  /** The client's fields by their keys in the data. */
  function wantedFields(sets: readonly SelectionSetNode[], typename: string): Fields {
    const fields = [...collectFields(sets, typename, clientScope)]
    return new Map(fields.filter(([key]) => clientKeys.get(key) !== null))
  }

  function indicesOf(isMeant: (fetch: CompiledFetch) => boolean): readonly number[] {
    return fetches.flatMap((fetch, index) => (isMeant(fetch) ? [index] : []))
  }

  /** What these fetches ask of an object of this type, by their indices. */
  function askedOfThose(indices: readonly number[], typename: string): ReadonlyMap<number, Fields> {
    return new Map(
      indices.map((index) => {
        const { asked, scope } = sources[index] as Source
        return [index, collectFields(asked, typename, scope)]
      }),
    )
  }

  /**
   * The shape of an object in the answer of its place's fetch.
   * @param only the keys that the client gets of a result, whose other fields are in other answers; undefined for an object
   *   that is whole, with holes for what other fetches add
   */
  function objectShape(place: Place, typename: string, only?: ReadonlySet<string>): ObjectShape {
    const asked = collectFields(place.asked, typename, (sources[place.fetch] as Source).scope)
    const wanted = wantedFields(place.wanted, typename)
    const { parts, added } = partsOf(place, typename, asked, only ? keep(wanted, only) : wanted)
    const keys = [...asked.keys()]
    const cuts = cutsOf(keys, parts, only !== undefined)
    if (cuts === null) throw new NotVerbatim()
    const own = new Set(parts.flatMap((part) => (part.type === 'own' ? [part.key] : [])))
    const represented = added.map(({ fetch }) => keysThatRepresent(fetch, typename, asked))
    const captures = keys.filter((key) => key !== TYPENAME && represented.flat().includes(key))
    return {
      fields: keys.map((key, index) => ({
        lead: Buffer.from(`${index === 0 ? '{' : ','}"${key}":`),
        value: fieldShape(key, own.has(key), place, typename, {
          asked: asked.get(key) ?? [],
          wanted: wanted.get(key) ?? [],
        }),
        cut: cuts.before[index] ?? null,
        isCaptured: captures.includes(key),
      })),
      end: cuts.end,
      holes: added.map(({ fetch, keys }, index): HoleShape => {
        const result = { ...place, fetch, asked: sources[fetch]?.asked ?? [] }
        return {
          fetch,
          representation: representation(represented[index] ?? [], typename, captures),
          result: objectShape(result, typename, new Set(keys)),
        }
      }),
      captures: captures.length,
    }
  }

  /** What the client gets of an object: what is in the answer, and what other fetches add, each of them at one place. */
  function partsOf(
    { fetch: own, path }: Place,
    typename: string,
    asked: Fields,
    wanted: Fields,
  ): { readonly parts: readonly ClientPart[]; readonly added: readonly Run[] } {
    const there = (ofEntities.get(path) ?? []).filter((index) => index !== own)
    const others = askedOfThose(there, typename)
    refuseShared([asked, ...others.values()])
    const runs = inRuns(wanted, (key) => (asked.has(key) ? own : providerOf(key, others)))
    const added = runs.filter(({ fetch }) => fetch !== own)
    refuseRepeated(added)
    const parts = runs.flatMap((run): ClientPart[] =>
      run.fetch === own
        ? run.keys.map((key) => ({ type: 'own', key, clientKey: clientKeys.get(key) ?? key }))
        : [{ type: 'hole', hole: added.indexOf(run) }],
    )
    return { parts, added }
  }

  function keysThatRepresent(fetch: number, typename: string, asked: Fields): readonly string[] {
    const keys = requiredKeys(fetches[fetch]?.requires ?? [], typename, fullSchema)
    if (keys === null || !keys.every((key) => asked.has(key))) throw new NotVerbatim()
    return keys
  }

  function fieldShape(
    key: string,
    isOwn: boolean,
    place: Place,
    typename: string,
    nodes: Readonly<Record<'asked' | 'wanted', readonly FieldNode[]>>,
  ): ValueShape {
    const name = nodes.asked[0]?.name.value ?? ''
    // Also where the client does not get it: this shape is for objects of this type alone.
    if (name === TYPENAME) return typenameShape(typename)
    if (!isOwn) return SKIPPED
    const type = schema.getType(typename)
    const field = isObjectType(type) ? type.getFields()[name] : undefined
    if (field === undefined) throw new NotVerbatim()
    return valueShape(field.type, {
      fetch: place.fetch,
      path: join(place.path, key),
      asked: setsOf(nodes.asked),
      wanted: setsOf(nodes.wanted),
    })
  }

  function valueShape(type: GraphQLOutputType, place: Place): ValueShape {
    if (isNonNullType(type)) return { ...valueShape(type.ofType, place), isNonNull: true }
    if (isListType(type))
      return { ...SKIPPED, kind: VALUE_KINDS.LIST, element: valueShape(type.ofType, place) }
    if (isLeafType(type)) return leafShape(type)
    return { ...SKIPPED, kind: VALUE_KINDS.OBJECT, object: objectOf(type, place) }
  }

  /** The shapes of an abstract type's objects are made when the first one comes. */
  function objectOf(type: GraphQLCompositeType, place: Place): ObjectOf {
    if (isObjectType(type)) {
      const shape = objectShape(place, type.name)
      return { saysType: false, of: () => shape }
    }
    const shapes = new Map<string, ObjectShape | null>()
    return {
      saysType: true,
      of(typename) {
        const known = shapes.get(typename ?? '')
        if (known !== undefined) return known
        const isPossible =
          isObjectType(schema.getType(typename ?? '')) &&
          meetsTypeCondition(schema, typename ?? '', type.name)
        if (!isPossible) return null
        const shape = objectShapeOrNull(place, typename ?? '')
        shapes.set(typename ?? '', shape)
        return shape
      },
    }
  }

  function objectShapeOrNull(place: Place, typename: string): ObjectShape | null {
    try {
      return objectShape(place, typename)
    } catch (error) {
      if (error instanceof NotVerbatim) return null
      throw error
    }
  }
}

/** The client's fields in its order, those of one fetch that follow each other together. */
function inRuns(wanted: Fields, providerOf: (key: string) => number): readonly Run[] {
  const runs: { fetch: number; keys: string[] }[] = []
  for (const key of wanted.keys()) {
    const fetch = providerOf(key)
    const last = runs.at(-1)
    if (last?.fetch === fetch) last.keys.push(key)
    else runs.push({ fetch, keys: [key] })
  }
  return runs
}

/** The fetch that asks for the field. */
function providerOf(key: string, asked: ReadonlyMap<number, Fields>): number {
  for (const [fetch, fields] of asked) if (fields.has(key)) return fetch
  throw new NotVerbatim()
}

/** Where several fetches give a field, their values are merged, or the last one counts. */
function refuseShared(asked: readonly Fields[]): void {
  const keys = asked.flatMap((fields) => [...fields.keys()]).filter((key) => key !== TYPENAME)
  if (new Set(keys).size < keys.length) throw new NotVerbatim()
}

/** What a fetch adds stands together, because its answer is cut out of one object. */
function refuseRepeated(runs: readonly Run[]): void {
  if (new Set(runs.map(({ fetch }) => fetch)).size < runs.length) throw new NotVerbatim()
}

function keep(fields: Fields, keys: ReadonlySet<string>): Fields {
  return new Map([...fields].filter(([key]) => keys.has(key)))
}

function setsOf(nodes: readonly FieldNode[]): readonly SelectionSetNode[] {
  return nodes.flatMap(({ selectionSet }) => (selectionSet ? [selectionSet] : []))
}
