import {
  type FieldNode,
  type GraphQLCompositeType,
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
import type { Denials } from './denials.ts'
import { leafCheck } from './leaf-values.ts'
import { isInherited, isJsonObject, type JsonObject, setOwn } from './own.ts'
import { meetsTypeCondition } from './type-conditions.ts'

/** Why a value is null that the subgraphs did not give as null, or that must not be null. */
export type ProjectionError = {
  /** `Type.field`. */
  readonly field: string
  /** Complete once the projection has returned. */
  readonly path: (string | number)[]
} & ({ readonly reason: 'null' | 'invalid' } | { readonly reason: 'denied'; readonly lacking: string })

/** A value that is null where null is not allowed, so that the object or list around it becomes null (spec 6.4.4). */
const REFUSED = Symbol('refused')
type Complete = (value: unknown, errors: ProjectionError[]) => unknown

/** Makes the client's object out of the subgraphs' data; null where a field that must not be null is null. */
export type Projection = (data: JsonObject, errors: ProjectionError[]) => JsonObject | null

type Slot = {
  /** In the subgraphs' data. */
  readonly key: string
  readonly clientKey: string
  /** Set where one of the keys is one that every object inherits; the others can be used directly. */
  readonly inherited: boolean
  /** A constant: the `__typename` of the object. Undefined for all other fields. */
  readonly constant: string | undefined
  readonly complete: Complete
}

const TYPENAME = '__typename'

export type ProjectionScope = SelectionScope & {
  readonly clientKeys: ClientKeys
  /** Null where the caller may see the whole operation. */
  readonly denials: Denials | null
}

/**
 * Compiles selection sets for objects of `type`: exactly the fields that the client asked for, in its order, with values
 * that their types allow. The fields of each possible type are collected when its first object comes.
 *
 * Paths of errors are built on the way back from an error, since almost no request has one.
 */
export function compileProjection(
  selectionSets: readonly SelectionSetNode[],
  type: GraphQLCompositeType,
  scope: ProjectionScope,
): Projection {
  const complete = compileObject(selectionSets, type, scope, type.name)
  return (data, errors) => {
    const value = complete(data, errors)
    return isJsonObject(value) ? value : null
  }
}

function compileType(
  type: GraphQLOutputType,
  selectionSets: readonly SelectionSetNode[],
  scope: ProjectionScope,
  field: string,
): Complete {
  if (isNonNullType(type)) return compileNonNull(compileType(type.ofType, selectionSets, scope, field), field)
  if (isListType(type)) return compileList(compileType(type.ofType, selectionSets, scope, field), field)
  return isLeafType(type)
    ? compileLeaf(leafCheck(type), field)
    : compileObject(selectionSets, type, scope, field)
}

function compileNonNull(complete: Complete, field: string): Complete {
  return (value, errors) => {
    const before = errors.length
    const completed = complete(value, errors)
    if (completed !== null && completed !== REFUSED) return completed
    if (errors.length === before) errors.push({ reason: 'null', field, path: [] })
    return REFUSED
  }
}

function compileList(complete: Complete, field: string): Complete {
  return (value, errors) => {
    if (value === null || value === undefined) return null
    if (!Array.isArray(value)) return invalid(field, errors)
    const list: unknown[] = new Array(value.length)
    let refused = false
    for (let index = 0; index < value.length; index += 1) {
      const before = errors.length
      const completed = complete(value[index], errors)
      if (errors.length > before) prepend(index, errors, before)
      if (completed === REFUSED) refused = true
      else list[index] = completed
    }
    return refused ? null : list
  }
}

function compileLeaf(check: ((value: unknown) => boolean) | null, field: string): Complete {
  if (!check) return (value) => value ?? null
  return (value, errors) => {
    if (value === null || value === undefined) return null
    return check(value) ? value : invalid(field, errors)
  }
}

function compileObject(
  selectionSets: readonly SelectionSetNode[],
  type: GraphQLCompositeType,
  scope: ProjectionScope,
  field: string,
): Complete {
  const slotsOf = new Map<string, readonly Slot[]>()
  function slots(typename: string): readonly Slot[] | undefined {
    const known = slotsOf.get(typename)
    if (known) return known
    if (!isPossible(typename, type, scope)) return undefined
    const compiled = compileSlots(selectionSets, typename, scope)
    slotsOf.set(typename, compiled)
    return compiled
  }
  return (value, errors) => {
    if (value === null || value === undefined) return null
    if (!isJsonObject(value)) return invalid(field, errors)
    const given = value[TYPENAME]
    const fields = slots(typeof given === 'string' ? given : type.name)
    return fields ? completeFields(value, fields, errors) : invalid(field, errors)
  }
}

function completeFields(
  value: JsonObject,
  slots: readonly Slot[],
  errors: ProjectionError[],
): JsonObject | null {
  const object: JsonObject = {}
  let refused = false
  for (const { key, clientKey, inherited, constant, complete } of slots) {
    if (constant !== undefined) {
      object[clientKey] = constant
      continue
    }
    const before = errors.length
    const completed = complete(inherited && !Object.hasOwn(value, key) ? null : value[key], errors)
    if (errors.length > before) prepend(key, errors, before)
    if (completed === REFUSED) refused = true
    else if (inherited) setOwn(object, clientKey, completed)
    else object[clientKey] = completed
  }
  return refused ? null : object
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
    // Only an object type has a name to tell.
    const constant = isObjectType(type) && !inherited ? typename : undefined
    const complete: Complete = (_, errors) => {
      if (isObjectType(type)) return typename
      errors.push({ reason: 'null', field, path: [] })
      return REFUSED
    }
    return { key, clientKey, inherited, constant, complete }
  }
  const definition = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined
  // Introspection fields: their values were made by graphql-js and are complete.
  if (!definition)
    return { key, clientKey, inherited, constant: undefined, complete: (value) => value ?? null }
  const lacking = scope.denials && lackingOf(key, typename, name, scope.denials)
  const selectionSets = nodes.flatMap(({ selectionSet }) => (selectionSet ? [selectionSet] : []))
  return {
    key,
    clientKey,
    inherited,
    constant: undefined,
    complete:
      lacking === null
        ? compileType(definition.type, selectionSets, scope, field)
        : compileDenied(isNonNullType(definition.type), field, lacking),
  }
}

function lackingOf(key: string, typename: string, field: string, denials: Denials): string | null {
  return denials.removed.get(key)?.lacking ?? denials.lackingFor(typename, field)
}

function compileDenied(isNonNull: boolean, field: string, lacking: string): Complete {
  return (_, errors) => {
    errors.push({ reason: 'denied', field, lacking, path: [] })
    return isNonNull ? REFUSED : null
  }
}

function invalid(field: string, errors: ProjectionError[]): null {
  errors.push({ reason: 'invalid', field, path: [] })
  return null
}

function prepend(key: string | number, errors: readonly ProjectionError[], from: number): void {
  for (let index = from; index < errors.length; index += 1) errors[index]?.path.unshift(key)
}
