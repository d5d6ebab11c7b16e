import type { QueryPlanSelectionNode } from '@apollo/query-planner'
import { type Fragments, fragmentsOf } from '@bulkhead/service/graphql/fragments'
import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import type { CompiledFetch } from '../plan/compiled-fetch.ts'
import type { ClientKeys } from '../response/client-keys.ts'
import { collectFields, type SelectionScope } from '../response/collect-fields.ts'
import { keysOf } from '../response/response-path.ts'
import { meetsTypeCondition } from '../response/type-conditions.ts'
import {
  type HoleShape,
  type ObjectOf,
  type ObjectShape,
  VALUE_KINDS,
  type ValueKind,
  type ValueShape,
} from './answer-shape.ts'
import { type ClientPart, cutsOf } from './cuts.ts'

/** How an operation is answered with what its subgraphs say, word for word. */
export type VerbatimPlan = {
  readonly fetches: readonly CompiledFetch[]
  /** The root object with a hole for each fetch of root fields. */
  readonly root: readonly (string | RootHole)[]
}
export type RootHole = { readonly fetch: number; readonly result: ObjectShape }

const TYPENAME = '__typename'
const ENTITIES = '_entities'

const BUILT_IN: Readonly<Record<string, ValueKind | undefined>> = {
  String: VALUE_KINDS.STRING,
  ID: VALUE_KINDS.STRING,
  Int: VALUE_KINDS.INT,
  Float: VALUE_KINDS.FLOAT,
  Boolean: VALUE_KINDS.BOOLEAN,
}
const SKIPPED: ValueShape = {
  kind: VALUE_KINDS.ANY,
  isNonNull: false,
  literals: [],
  element: null,
  object: null,
}

/** Thrown for what has to be parsed and put together field by field. */
class NotVerbatim extends Error {}

/** Where an object stands: in the answer of a fetch, and in the client's. */
type Place = {
  /** Index of the fetch. */
  readonly fetch: number
  /** Response keys from the root. */
  readonly path: readonly string[]
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
  try {
    return compileRoot()
  } catch (error) {
    if (error instanceof NotVerbatim) return null
    throw error
  }

  function compileRoot(): VerbatimPlan {
    const wanted = wantedFields([operation.selectionSet], rootType.name)
    const providers = fetches.flatMap(({ represent }, index) => (represent === null ? [index] : []))
    const root: (string | RootHole)[] = []
    for (const { fetch, keys } of inRuns(wanted, (key) => providerOf(key, rootType.name, providers))) {
      if (root.some((part) => typeof part !== 'string' && part.fetch === fetch)) throw new NotVerbatim()
      const place = { fetch, path: [], asked: sources[fetch]?.asked ?? [], wanted: [operation.selectionSet] }
      root.push(root.length === 0 ? '{' : ',', {
        fetch,
        result: objectShape(place, rootType.name, new Set(keys)),
      })
    }
    if (root.length === 0) throw new NotVerbatim()
    return { fetches, root: [...root, '}'] }
  }

  /** The client's fields by their keys in the data. */
  function wantedFields(sets: readonly SelectionSetNode[], typename: string) {
    const fields = [...collectFields(sets, typename, clientScope)]
    return new Map(fields.filter(([key]) => clientKeys.get(key) !== null))
  }

  function askedFields(place: Place, typename: string): ReadonlyMap<string, readonly FieldNode[]> {
    return collectFields(place.asked, typename, (sources[place.fetch] as Source).scope)
  }

  /** The first of the fetches that asks for the field. */
  function providerOf(key: string, typename: string, among: readonly number[]): number {
    const found = among.find((fetch) => {
      const { asked, scope } = sources[fetch] as Source
      return collectFields(asked, typename, scope).has(key)
    })
    if (found === undefined) throw new NotVerbatim()
    return found
  }

  /**
   * @param only the keys that the client gets, of a result; undefined for an object that stands in an answer, in which others
   *   may have holes
   */
  function objectShape(place: Place, typename: string, only?: ReadonlySet<string>): ObjectShape {
    const asked = askedFields(place, typename)
    const wanted = wantedFields(place.wanted, typename)
    const later = fetches.flatMap((fetch, index) =>
      only === undefined && isFor(fetch, place.path, typename) ? [index] : [],
    )
    const holes: { fetch: number; keys: string[] }[] = []
    const parts: ClientPart[] = []
    for (const { fetch, keys } of inRuns(
      new Map([...wanted].filter(([key]) => only?.has(key) ?? true)),
      (key) => (asked.has(key) ? place.fetch : providerOf(key, typename, later)),
    )) {
      if (holes.some((hole) => hole.fetch === fetch)) throw new NotVerbatim()
      if (fetch !== place.fetch) parts.push({ type: 'hole', hole: holes.push({ fetch, keys }) - 1 })
      else for (const key of keys) parts.push({ type: 'own', key, clientKey: clientKeys.get(key) ?? key })
    }
    const keys = [...asked.keys()]
    const cuts = cutsOf(keys, parts, only !== undefined)
    if (cuts === null) throw new NotVerbatim()
    const own = new Set(parts.flatMap((part) => (part.type === 'own' ? [part.key] : [])))
    const captured = new Set<string>()
    const required = holes.map(({ fetch }) => requiredKeys(fetches[fetch] as CompiledFetch, typename))
    for (const key of required.flat()) if (key !== TYPENAME) captured.add(key)
    if (required.flat().some((key) => !asked.has(key))) throw new NotVerbatim()
    const captures = keys.filter((key) => captured.has(key))
    return {
      fields: keys.map((key, index) => ({
        lead: Buffer.from(`${index === 0 ? '{' : ','}"${key}":`),
        value: fieldShape(key, own.has(key), place, typename, {
          asked: asked.get(key) ?? [],
          wanted: wanted.get(key) ?? [],
        }),
        cut: cuts.before[index] ?? null,
        isCaptured: captured.has(key),
      })),
      end: cuts.end,
      holes: holes.map(({ fetch, keys }, index): HoleShape => {
        const result = { ...place, fetch, asked: sources[fetch]?.asked ?? [] }
        return {
          fetch,
          representation: representation(required[index] ?? [], typename, captures),
          result: objectShape(result, typename, new Set(keys)),
        }
      }),
      captures: captures.length,
    }
  }

  function fieldShape(
    key: string,
    isOwn: boolean,
    place: Place,
    typename: string,
    nodes: { readonly asked: readonly FieldNode[]; readonly wanted: readonly FieldNode[] },
  ): ValueShape {
    const name = nodes.asked[0]?.name.value ?? ''
    // Also where the client does not get it: the type is what tells how to go on.
    if (name === TYPENAME)
      return { ...SKIPPED, kind: VALUE_KINDS.TYPENAME, isNonNull: true, literals: quoted([typename]) }
    if (!isOwn) return SKIPPED
    const type = schema.getType(typename)
    const field = isObjectType(type) ? type.getFields()[name] : undefined
    if (field === undefined) throw new NotVerbatim()
    return valueShape(field.type, {
      fetch: place.fetch,
      path: [...place.path, key],
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

  /** The keys that represent an object of this type. */
  function requiredKeys({ requires }: CompiledFetch, typename: string): readonly string[] {
    const keys = new Set<string>()
    function add(selections: readonly QueryPlanSelectionNode[]): void {
      for (const selection of selections) {
        if (selection.kind === 'InlineFragment') {
          const { typeCondition } = selection
          if (typeCondition !== undefined && meetsTypeCondition(fullSchema, typename, typeCondition))
            add(selection.selections)
        } else if (selection.selections === undefined) keys.add(selection.alias ?? selection.name)
        else throw new NotVerbatim()
      }
    }
    add(requires ?? [])
    if (!keys.has(TYPENAME)) throw new NotVerbatim()
    return [...keys]
  }
}

type Source = { readonly asked: readonly SelectionSetNode[]; readonly scope: SelectionScope }

/** What a fetch asks for, of the root or of its entities. */
function sourceOf({ document, represent }: CompiledFetch, fullSchema: GraphQLSchema): Source {
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
function isPlain({
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
function isFor({ represent, path }: CompiledFetch, place: readonly string[], typename: string): boolean {
  const keys = keysOf(path)
  return (
    represent !== null &&
    keys.length === place.length &&
    keys.every((key, index) => key === place[index]) &&
    path.every((step) => step.type === 'field' || step.applies(typename))
  )
}

/** The client's fields in its order, those of one fetch that follow each other together. */
function inRuns(
  wanted: ReadonlyMap<string, readonly FieldNode[]>,
  providerOf: (key: string) => number,
): { fetch: number; keys: string[] }[] {
  const runs: { fetch: number; keys: string[] }[] = []
  for (const key of wanted.keys()) {
    const fetch = providerOf(key)
    const last = runs.at(-1)
    if (last?.fetch === fetch) last.keys.push(key)
    else runs.push({ fetch, keys: [key] })
  }
  return runs
}

function representation(
  keys: readonly string[],
  typename: string,
  captures: readonly string[],
): readonly (string | number)[] {
  const parts = keys.flatMap((key, index): (string | number)[] => {
    const lead = `${index === 0 ? '{' : ','}"${key}":`
    return key === TYPENAME ? [`${lead}"${typename}"`] : [lead, captures.indexOf(key)]
  })
  return [...parts, '}']
}

function leafShape(type: GraphQLLeafType): ValueShape {
  if (isEnumType(type)) {
    return { ...SKIPPED, kind: VALUE_KINDS.ENUM, literals: quoted(type.getValues().map(({ name }) => name)) }
  }
  return { ...SKIPPED, kind: BUILT_IN[type.name] ?? VALUE_KINDS.ANY }
}

function quoted(names: readonly string[]): readonly Uint8Array[] {
  return names.map((name) => Buffer.from(`"${name}"`))
}

function setsOf(nodes: readonly FieldNode[]): readonly SelectionSetNode[] {
  return nodes.flatMap(({ selectionSet }) => (selectionSet ? [selectionSet] : []))
}
