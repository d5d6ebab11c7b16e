import type { QueryPlanSelectionNode } from '@apollo/query-planner'
import type { GraphQLSchema } from 'graphql'
import { mergeInto } from '../response/merge.ts'
import { getOwn, isJsonObject, type JsonObject, setOwn } from '../response/own.ts'
import { createTypeCondition } from '../response/type-conditions.ts'

/** What a subgraph needs to know of an object to resolve its fields; null where the object lacks some of it. */
export type Represent = (object: JsonObject) => JsonObject | null

/** Adds what one selection asks for; false where the object lacks it. */
type Select = (object: JsonObject, into: JsonObject) => boolean

const TYPENAME = '__typename'

/** Compiles the `requires` of a fetch, in which each entity type has a fragment with its key and required fields. */
export function compileRepresentation(
  requires: readonly QueryPlanSelectionNode[],
  schema: GraphQLSchema,
): Represent {
  const selectAll = compileSelections(requires, schema)
  return (object) => {
    const representation: JsonObject = {}
    return selectAll(object, representation) && representation[TYPENAME] ? representation : null
  }
}

function compileSelections(selections: readonly QueryPlanSelectionNode[], schema: GraphQLSchema): Select {
  const all = selections.map((selection) => compileSelection(selection, schema))
  const [only] = all
  if (all.length === 1 && only) return only
  return (object, into) => all.every((select) => select(object, into))
}

function compileSelection(selection: QueryPlanSelectionNode, schema: GraphQLSchema): Select {
  if (selection.kind === 'InlineFragment') {
    return compileFragment(selection.typeCondition, compileSelections(selection.selections, schema), schema)
  }
  const key = selection.alias ?? selection.name
  const select = selection.selections && compileSelections(selection.selections, schema)
  return (object, into) => {
    const value = getOwn(object, key)
    if (value === undefined) return false
    setOwn(into, key, select ? selectValue(value, select) : value)
    return true
  }
}

/** A fragment that does not apply, or whose fields are not all there, adds nothing and fails nothing. */
function compileFragment(condition: string | undefined, select: Select, schema: GraphQLSchema): Select {
  if (condition === undefined) return () => true
  const applies = createTypeCondition(schema, condition)
  return (object, into) => {
    const typename = getOwn(object, TYPENAME)
    if (typeof typename === 'string' && applies(typename)) {
      const part: JsonObject = {}
      if (select(object, part)) mergeInto(into, part)
    }
    return true
  }
}

/** Required objects that lack a field are null, as the subgraph would see them if they were not there. */
function selectValue(value: unknown, select: Select): unknown {
  if (Array.isArray(value)) return value.map((element) => selectValue(element, select))
  if (!isJsonObject(value)) return value
  const selected: JsonObject = {}
  return select(value, selected) ? selected : null
}
