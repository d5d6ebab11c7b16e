import { isRecord } from '@bulkhead/service/json'
import {
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  type OperationDefinitionNode,
  typeFromAST,
} from 'graphql'
import type { UsedCoordinates } from './used-coordinates.ts'

type Used = Pick<UsedCoordinates, 'inputFields' | 'enumValues'>

/** Adds the input fields and enum values that these variables have, which are valid. */
export type VariableUsage = (variables: Readonly<Record<string, unknown>>, used: Used) => void

type ValueUsage = (value: unknown, used: Used) => void

/** By the name of the type; scalars have nothing to be recorded and are not in it. */
type Compiled = Map<string, ValueUsage>

const ofSchemas = new WeakMap<GraphQLSchema, Compiled>()

/** @returns null where no variable has a type with enum values or input fields */
export function compileVariableUsage(
  operation: OperationDefinitionNode,
  schema: GraphQLSchema,
): VariableUsage | null {
  const compiled: Compiled = ofSchemas.get(schema) ?? new Map()
  ofSchemas.set(schema, compiled)
  const variables = (operation.variableDefinitions ?? []).flatMap(({ variable, type }) => {
    const ofValue = compileValueUsage(typeFromAST(schema, type) as GraphQLInputType, compiled)
    return ofValue ? [{ name: variable.name.value, ofValue }] : []
  })
  if (variables.length === 0) return null
  return (values, used) => {
    for (const { name, ofValue } of variables) ofValue(values[name], used)
  }
}

function compileValueUsage(declared: GraphQLInputType, compiled: Compiled): ValueUsage | null {
  const type = getNamedType(declared)
  const known = compiled.get(type.name)
  if (known) return known
  let usage: ValueUsage | null = null
  if (isEnumType(type)) {
    const coordinates = new Map(type.getValues().map(({ name }) => [name, `${type.name}.${name}`]))
    usage = ofEach((value, used) => {
      const coordinate = typeof value === 'string' ? coordinates.get(value) : undefined
      if (coordinate !== undefined) used.enumValues.add(coordinate)
    })
    compiled.set(type.name, usage)
  } else if (isInputObjectType(type)) {
    const fields = new Map<string, { readonly coordinate: string; readonly ofValue: ValueUsage | null }>()
    usage = ofEach((value, used) => {
      if (!isRecord(value)) return
      for (const [key, inner] of Object.entries(value)) {
        const field = fields.get(key)
        if (!field) continue
        used.inputFields.add(field.coordinate)
        field.ofValue?.(inner, used)
      }
    })
    // Before its fields, one of which may have this type again.
    compiled.set(type.name, usage)
    for (const { name, type: inner } of Object.values(type.getFields())) {
      fields.set(name, { coordinate: `${type.name}.${name}`, ofValue: compileValueUsage(inner, compiled) })
    }
  }
  return usage
}

/** A list stands for its elements, and where one is declared a single value may be given. */
function ofEach(ofOne: ValueUsage): ValueUsage {
  return function ofAll(value, used) {
    if (Array.isArray(value)) for (const element of value) ofAll(element, used)
    else ofOne(value, used)
  }
}
