import type { Supergraph } from '@apollo/federation-internals'
import { diffSchema } from '@graphql-inspector/core/diff/schema'
import {
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isScalarType,
} from 'graphql'
import type { Graph } from '../../model/graph.ts'
import { type Change, type ChangeGrade, change } from '../change.ts'
import { returnedEnums } from '../schema-lookup.ts'
import { argumentCoordinate, fieldCoordinate } from '../use.ts'
import { TRANSLATIONS } from './inspected-changes.ts'
import type { Schemas, Translations } from './translations.ts'

/** What changed in the schema that clients see. */
export function compareApi(base: Graph, head: Graph): readonly Change[] {
  const schemas = {
    base: base.apiSchema,
    head: head.apiSchema,
    returnedEnums: returnedEnums(head.apiSchema),
  }
  const inspected = diffSchema(base.apiSchema, head.apiSchema).flatMap(({ type, meta }) => {
    const translated = translate(type, meta, schemas)
    return translated === null ? [] : [withInaccessible(translated, base.supergraph, head.supergraph)]
  })
  return [...inspected, ...compareElements(base.apiSchema, head.apiSchema)]
}

function translate(type: keyof Translations, meta: unknown, schemas: Schemas): Change | null {
  // Inspector's list does not tie the type of a change to its meta.
  const translation = TRANSLATIONS[type] as ((meta: unknown, schemas: Schemas) => Change | null) | undefined
  return translation?.(meta, schemas) ?? null
}

const GONE: ReadonlySet<string> = new Set([
  'TYPE_REMOVED',
  'FIELD_REMOVED',
  'FIELD_ARGUMENT_REMOVED',
  'INPUT_FIELD_REMOVED',
  'ENUM_VALUE_REMOVED',
])
const NEW: ReadonlySet<string> = new Set([
  'TYPE_ADDED',
  'FIELD_ADDED',
  'FIELD_ARGUMENT_ADDED',
  'INPUT_FIELD_ADDED',
  'ENUM_VALUE_ADDED',
])

/** Something that comes or goes for clients only, since the supergraph has it before and after. */
function withInaccessible(found: Change, base: Supergraph, head: Supergraph): Change {
  const { coordinate } = found
  if (coordinate === null) return found
  if (GONE.has(found.code) && hasElement(head, coordinate)) {
    return { ...found, code: 'INACCESSIBLE_ADDED', message: `${coordinate} is now @inaccessible.` }
  }
  if (NEW.has(found.code) && hasElement(base, coordinate)) {
    return { ...found, code: 'INACCESSIBLE_REMOVED', message: `${coordinate} is no longer @inaccessible.` }
  }
  return found
}

function hasElement(supergraph: Supergraph, coordinate: string): boolean {
  return supergraph.schema.elementByCoordinate(coordinate) !== undefined
}

/** What inspector does not look at, or not at every kind of element. */
function* compareElements(base: GraphQLSchema, head: GraphQLSchema): Generator<Change> {
  for (const before of Object.values(base.getTypeMap())) {
    const after = head.getType(before.name)
    if (after === undefined || before.name.startsWith('__')) continue
    if (isScalarType(before) && isScalarType(after) && before.specifiedByURL !== after.specifiedByURL) {
      yield change(
        'SPECIFIED_BY_CHANGED',
        'DANGEROUS',
        before.name,
        `Scalar ${before.name} was specified by ${before.specifiedByURL ?? 'nothing'} and is by ${after.specifiedByURL ?? 'nothing'}.`,
        { uses: [[before.name]] },
      )
    }
    const reasons = deprecations(after)
    for (const [coordinate, reason] of deprecations(before)) {
      const compared = compareDeprecation(coordinate, reason, reasons.get(coordinate))
      if (compared !== null) yield compared
    }
  }
}

/** Why each element of a type is deprecated, null for one that is not, by its coordinate. */
function deprecations(type: GraphQLNamedType): ReadonlyMap<string, string | null> {
  const reasons = new Map<string, string | null>()
  const add = (
    coordinate: string,
    { deprecationReason }: { deprecationReason?: string | null | undefined },
  ) => reasons.set(coordinate, deprecationReason ?? null)
  if (isObjectType(type) || isInterfaceType(type)) {
    for (const field of Object.values(type.getFields())) {
      add(fieldCoordinate(type.name, field.name), field)
      for (const argument of field.args)
        add(argumentCoordinate(type.name, field.name, argument.name), argument)
    }
  } else if (isInputObjectType(type)) {
    for (const field of Object.values(type.getFields())) add(fieldCoordinate(type.name, field.name), field)
  } else if (isEnumType(type)) {
    for (const value of type.getValues()) add(fieldCoordinate(type.name, value.name), value)
  }
  return reasons
}

/** @param after undefined where the element is gone */
function compareDeprecation(
  coordinate: string,
  before: string | null,
  after: string | null | undefined,
): Change | null {
  if (after === undefined || before === after) return null
  const grade: ChangeGrade = 'SAFE'
  if (before === null)
    return change('DEPRECATION_ADDED', grade, coordinate, `${coordinate} is now deprecated: ${after}`)
  if (after === null)
    return change('DEPRECATION_REMOVED', grade, coordinate, `${coordinate} is no longer deprecated.`)
  return change(
    'DEPRECATION_REASON_CHANGED',
    grade,
    coordinate,
    `${coordinate} is deprecated for another reason: ${after}`,
  )
}
