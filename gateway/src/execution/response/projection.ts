import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLLeafType,
  type GraphQLNamedType,
  type GraphQLOutputType,
  isCompositeType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type SelectionSetNode,
} from 'graphql'
import type { ClientKeys } from './client-keys.ts'
import { collectFields, type SelectionScope } from './collect-fields.ts'
import {
  completeObject,
  type Fields,
  KINDS,
  type Kind,
  type ProjectionError,
  type Shape,
  type Slot,
} from './complete-value.ts'
import type { Denials } from './denials.ts'
import { leafCheck } from './leaf-values.ts'
import { isInherited, type JsonObject } from './own.ts'
import { meetsTypeCondition } from './type-conditions.ts'

/**
 * Makes the client's object of the subgraphs' data; null where a field that must not be null is null. Where the scope
 * says that the data is consumed, the client's object may be the data itself, and the data may be changed.
 */
export type Projection = (data: JsonObject, errors: ProjectionError[]) => JsonObject | null

const TYPENAME = '__typename'

const BUILT_IN: Readonly<Record<string, Kind | undefined>> = {
  String: KINDS.STRING,
  ID: KINDS.ID,
  Int: KINDS.INT,
  Float: KINDS.FLOAT,
  Boolean: KINDS.BOOLEAN,
}

export type ProjectionScope = SelectionScope & {
  readonly clientKeys: ClientKeys
  /** Null where the caller may see the whole operation. */
  readonly denials: Denials | null
  /** Whether nobody needs the subgraphs' data afterwards, so that its objects may become the client's. */
  readonly consumesData: boolean
}

/**
 * Compiles selection sets for objects of `type`: exactly the fields that the client asked for, in its order, with values
 * that their types allow. The fields of each possible type are collected when its first object comes.
 */
export function compileProjection(
  selectionSets: readonly SelectionSetNode[],
  type: GraphQLCompositeType,
  scope: ProjectionScope,
): Projection {
  const root = objectShape(selectionSets, type, scope, type.name)
  return (data, errors) => completeObject(root, data, errors)
}

function compileShape(
  type: GraphQLOutputType,
  selectionSets: readonly SelectionSetNode[],
  scope: ProjectionScope,
  field: string,
): Shape {
  if (isNonNullType(type))
    return shape({ ...compileShape(type.ofType, selectionSets, scope, field), isNonNull: true })
  if (isListType(type)) {
    const element = compileShape(type.ofType, selectionSets, scope, field)
    return shape({ kind: KINDS.LIST, field, element, canStay: scope.consumesData })
  }
  return isLeafType(type) ? leafShape(type, field) : objectShape(selectionSets, type, scope, field)
}

/** All shapes have the same properties in the same order, so that V8 knows where to find them. */
function shape(own: Partial<Shape> & Pick<Shape, 'kind' | 'field'>): Shape {
  const { kind, isNonNull = false, field, isValid = null, element = null } = own
  const { canStay = false, fieldsOf = null, constant = null, lacking = '' } = own
  return { kind, isNonNull, field, isValid, element, canStay, fieldsOf, constant, lacking }
}

function leafShape(type: GraphQLLeafType, field: string): Shape {
  const isValid = leafCheck(type)
  if (!isValid) return shape({ kind: KINDS.ANY, field })
  return shape({ kind: BUILT_IN[type.name] ?? KINDS.CHECKED, field, isValid })
}

function objectShape(
  selectionSets: readonly SelectionSetNode[],
  type: GraphQLCompositeType,
  scope: ProjectionScope,
  field: string,
): Shape {
  const compiled = new Map<string, Fields>()
  function fieldsOf(typename = type.name): Fields | null {
    const known = compiled.get(typename)
    if (known) return known
    if (!isPossible(typename, type, scope)) return null
    const slots = compileSlots(selectionSets, typename, scope)
    const canStay =
      scope.consumesData && slots.every(({ key, clientKey, inherited }) => key === clientKey && !inherited)
    const fields = { slots, canStay }
    compiled.set(typename, fields)
    return fields
  }
  return shape({ kind: KINDS.OBJECT, field, fieldsOf })
}

/** Interfaces are possible too: all that a subgraph with an interface object knows of the type. */
function isPossible(typename: string, type: GraphQLCompositeType, { schema }: ProjectionScope): boolean {
  return (
    isCompositeType(schema.getType(typename)) &&
    (typename === type.name || meetsTypeCondition(schema, typename, type.name))
  )
}

function compileSlots(
  selectionSets: readonly SelectionSetNode[],
  typename: string,
  scope: ProjectionScope,
): readonly Slot[] {
  const { clientKeys, denials } = scope
  const fields = collectFields(selectionSets, typename, scope)
  const slots = [...fields].flatMap(([key, nodes]) => {
    const clientKey = clientKeys.get(key)
    if (clientKey === null) return []
    const field = denials?.removed.get(key)?.field ?? nodes[0]?.name.value ?? ''
    return [compileSlot({ key, clientKey: clientKey ?? key, field, nodes }, typename, scope)]
  })
  if (!denials) return slots
  // A field may be denied on an interface and allowed on the object's own type.
  const allowed = new Set(
    slots.flatMap(({ key, clientKey }) => (denials.removed.has(key) ? [] : [clientKey])),
  )
  return slots.filter(({ key, clientKey }) => !denials.removed.has(key) || !allowed.has(clientKey))
}

function compileSlot(
  selected: {
    readonly key: string
    readonly clientKey: string
    readonly field: string
    readonly nodes: readonly FieldNode[]
  },
  typename: string,
  scope: ProjectionScope,
): Slot {
  const { key, clientKey, field: name, nodes } = selected
  const type = scope.schema.getType(typename)
  const field = `${typename}.${name}`
  const inherited = isInherited(key) || isInherited(clientKey)
  if (name === TYPENAME) {
    return { key, clientKey, inherited, shape: typenameShape(type, field) }
  }
  const definition = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined
  // Introspection fields: their values were made by graphql-js and are complete.
  if (!definition) return { key, clientKey, inherited, shape: shape({ kind: KINDS.ANY, field }) }
  const lacking = scope.denials && lackingOf(key, typename, name, scope.denials)
  const selectionSets = nodes.flatMap(({ selectionSet }) => (selectionSet ? [selectionSet] : []))
  return {
    key,
    clientKey,
    inherited,
    shape:
      lacking === null
        ? compileShape(definition.type, selectionSets, scope, field)
        : shape({ kind: KINDS.DENIED, field, isNonNull: isNonNullType(definition.type), lacking }),
  }
}

/** An object that is known by an interface only has no name to tell: that is an error like a null that must not be. */
function typenameShape(type: GraphQLNamedType | undefined, field: string): Shape {
  const constant = isObjectType(type) ? type.name : null
  return shape({ kind: KINDS.CONSTANT, field, isNonNull: true, constant })
}

function lackingOf(key: string, typename: string, field: string, denials: Denials): string | null {
  return denials.removed.get(key)?.lacking ?? denials.lackingFor(typename, field)
}
