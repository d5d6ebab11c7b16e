import {
  type DirectiveDefinition,
  EnumType,
  InputObjectType,
  InterfaceType,
  type NamedType,
  ObjectType,
  type Schema,
  type Supergraph,
} from '@apollo/federation-internals'
import { argumentCoordinate, fieldCoordinate } from '../use.ts'
import {
  type AppliedDirective,
  directiveReader,
  isOfFeature,
  isOfSpecification,
} from './applied-directives.ts'
import { normalizeFieldSet } from './field-set.ts'

/**
 * What federation knows of a graph beneath the schema that clients see. All of it is read from the supergraph, so that
 * it does not matter how a subgraph spells it: composition has resolved imports, extensions and Federation 1.
 */
export type GraphMetadata = {
  /** Sorted. */
  readonly subgraphs: readonly string[]
  /** By type, then by subgraph. */
  readonly types: ReadonlyMap<string, ReadonlyMap<string, TypeInSubgraph>>
  /** By the field's coordinate, then by subgraph. */
  readonly fields: ReadonlyMap<string, ReadonlyMap<string, FieldInSubgraph>>
  /** By coordinate: the directives that are not federation's plumbing. */
  readonly applied: ReadonlyMap<string, AppliedDirectives>
  /** Every coordinate of the supergraph, also those without directives. */
  readonly coordinates: ReadonlySet<string>
  /** Directives that `@composeDirective` has brought into the supergraph: their definitions, by name. */
  readonly composedDirectives: ReadonlyMap<string, string>
}

export type TypeInSubgraph = {
  /** Whether the subgraph answers for entities by the key, by the key's fields. */
  readonly keys: ReadonlyMap<string, boolean>
  readonly isInterfaceObject: boolean
}

export type FieldInSubgraph = {
  /** Whether the gateway gets the field from the subgraph. */
  readonly resolves: boolean
  readonly external: boolean
  readonly requires: string | null
  readonly provides: string | null
  readonly override: { readonly from: string; readonly label: string | null } | null
  /** By argument: the context and what is selected in it. */
  readonly fromContext: ReadonlyMap<string, string>
}

/** By the directive's name in its specification: the arguments of every use. */
export type AppliedDirectives = ReadonlyMap<string, readonly Arguments[]>
export type Arguments = Readonly<Record<string, unknown>>

export function readMetadata(supergraph: Supergraph): GraphMetadata {
  const { schema } = supergraph
  const read = directiveReader(schema)
  const nameOfGraph = readGraphNames(schema, read)
  const types = new Map<string, ReadonlyMap<string, TypeInSubgraph>>()
  const fields = new Map<string, ReadonlyMap<string, FieldInSubgraph>>()
  const applied = new Map<string, AppliedDirectives>()
  const coordinates = new Set<string>()
  const addApplied = (coordinate: string, directives: readonly AppliedDirective[]) => {
    coordinates.add(coordinate)
    const uses = groupByName(directives)
    if (uses.size > 0) applied.set(coordinate, uses)
  }

  for (const type of schema.types()) {
    if (isOfSpecification(schema, type)) continue
    const directives = read(type)
    const inSubgraphs = readType(directives, nameOfGraph)
    types.set(type.name, inSubgraphs)
    addApplied(type.name, directives)
    for (const { coordinate, element } of elementsOf(type)) addApplied(coordinate, read(element))
    if (!(type instanceof ObjectType || type instanceof InterfaceType)) continue
    for (const field of type.fields()) {
      fields.set(
        fieldCoordinate(type.name, field.name),
        readField(read(field), [...inSubgraphs.keys()], nameOfGraph),
      )
    }
  }
  return {
    subgraphs: [...nameOfGraph.values()].toSorted(),
    types,
    fields,
    applied,
    coordinates,
    composedDirectives: composedDirectives(schema),
  }
}

/** The name of each subgraph by the enum value that stands for it. Federation's own way extracts all subgraphs first. */
function readGraphNames(
  schema: Schema,
  read: ReturnType<typeof directiveReader>,
): ReadonlyMap<unknown, string> {
  const names = new Map<unknown, string>()
  const graphs = schema.type('join__Graph')
  if (!(graphs instanceof EnumType)) return names
  for (const value of graphs.values) {
    const join = read(value).find(({ name }) => name === 'join__graph')
    names.set(value.name, String(join?.values.name))
  }
  return names
}

type Annotated = Parameters<ReturnType<typeof directiveReader>>[0]

function* elementsOf(type: NamedType): Generator<{ coordinate: string; element: Annotated }> {
  if (type instanceof ObjectType || type instanceof InterfaceType) {
    for (const field of type.fields()) {
      yield { coordinate: fieldCoordinate(type.name, field.name), element: field }
      for (const argument of field.arguments()) {
        yield { coordinate: argumentCoordinate(type.name, field.name, argument.name), element: argument }
      }
    }
  } else if (type instanceof InputObjectType) {
    for (const field of type.fields()) {
      yield { coordinate: fieldCoordinate(type.name, field.name), element: field }
    }
  } else if (type instanceof EnumType) {
    for (const value of type.values) {
      yield { coordinate: fieldCoordinate(type.name, value.name), element: value }
    }
  }
}

function readType(
  directives: readonly AppliedDirective[],
  nameOfGraph: ReadonlyMap<unknown, string>,
): ReadonlyMap<string, TypeInSubgraph> {
  const inSubgraphs = new Map<string, { keys: Map<string, boolean>; isInterfaceObject: boolean }>()
  for (const { name, values } of directives) {
    const subgraph = nameOfGraph.get(values.graph)
    if (name !== 'join__type' || subgraph === undefined) continue
    const known = inSubgraphs.get(subgraph) ?? { keys: new Map(), isInterfaceObject: false }
    inSubgraphs.set(subgraph, known)
    if (typeof values.key === 'string') {
      known.keys.set(normalizeFieldSet(values.key), values.resolvable !== false)
    }
    if (values.isInterfaceObject === true) known.isInterfaceObject = true
  }
  return inSubgraphs
}

const PLAIN: FieldInSubgraph = {
  resolves: true,
  external: false,
  requires: null,
  provides: null,
  override: null,
  fromContext: new Map(),
}

/** @param subgraphs those that have the type: all of them have the field alike where nothing else is said */
function readField(
  directives: readonly AppliedDirective[],
  subgraphs: readonly string[],
  nameOfGraph: ReadonlyMap<unknown, string>,
): ReadonlyMap<string, FieldInSubgraph> {
  const joins = directives.filter(({ name }) => name === 'join__field')
  if (joins.length === 0) return new Map(subgraphs.map((subgraph) => [subgraph, PLAIN]))
  const inSubgraphs = new Map<string, FieldInSubgraph>()
  for (const { values } of joins) {
    const subgraph = nameOfGraph.get(values.graph)
    // A field that comes from an @interfaceObject has no subgraph at the types that implement the interface.
    if (subgraph === undefined) continue
    const external = values.external === true
    const from = textOf(values.override)
    inSubgraphs.set(subgraph, {
      resolves: !external && values.usedOverridden !== true,
      external,
      requires: fieldSetOf(values.requires),
      provides: fieldSetOf(values.provides),
      override: from === null ? null : { from, label: textOf(values.overrideLabel) },
      fromContext: readContextArguments(values.contextArguments),
    })
  }
  return inSubgraphs
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function fieldSetOf(value: unknown): string | null {
  return typeof value === 'string' ? normalizeFieldSet(value) : null
}

function readContextArguments(value: unknown): ReadonlyMap<string, string> {
  const selections = new Map<string, string>()
  if (!Array.isArray(value)) return selections
  for (const { name, context, selection } of value) {
    selections.set(
      String(name),
      `$${context} ${String(selection)
        .replace(/[\s,]+/g, ' ')
        .trim()}`,
    )
  }
  return selections
}

/** Those of federation's plumbing and of what is compared in the schema for clients are not among them. */
function groupByName(directives: readonly AppliedDirective[]): AppliedDirectives {
  const groups = new Map<string, Arguments[]>()
  for (const { name, values } of directives) {
    if (COMPARED_ELSEWHERE.has(name)) continue
    const known = groups.get(name)
    if (known === undefined) groups.set(name, [values])
    else known.push(values)
  }
  return groups
}

const COMPARED_ELSEWHERE: ReadonlySet<string> = new Set([
  'join__type',
  'join__field',
  'join__implements',
  'join__unionMember',
  'join__enumValue',
  'join__graph',
  'inaccessible',
  'deprecated',
  'specifiedBy',
])

/** Those that operations can use are compared in the schema for clients, which has none that is of a feature. */
function composedDirectives(schema: Schema): ReadonlyMap<string, string> {
  const composed = schema
    .directives()
    .filter(
      (directive) =>
        !isOfSpecification(schema, directive) &&
        (isOfFeature(schema, directive) || !directive.hasExecutableLocations()),
    )
  return new Map(composed.map((directive) => [directive.name, printDefinition(directive)]))
}

/** In one spelling, whatever the order: `(for: String) repeatable on FIELD_DEFINITION | OBJECT`. */
function printDefinition(directive: DirectiveDefinition): string {
  const given = directive.arguments().map(String).toSorted()
  const takes = given.length === 0 ? '' : `(${given.join(', ')}) `
  return `${takes}${directive.repeatable ? 'repeatable ' : ''}on ${directive.locations.toSorted().join(' | ')}`
}
