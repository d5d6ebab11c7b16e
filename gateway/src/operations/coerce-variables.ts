import { COMMON_ERRORS } from '@bulkhead/service/errors'
import {
  type GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type VariableDefinitionNode,
} from 'graphql'
import { getVariableValues } from 'graphql/execution/values.js'
import { clientMistake } from './client-mistake.ts'

type Variables = Readonly<Record<string, unknown>>

/** The variables with defaults, or the client's mistakes. */
export type CoerceVariables = (
  variables: Variables,
) => { readonly coerced: Variables } | { readonly errors: readonly GraphQLError[] }

type Check = (value: unknown) => boolean

/** Mistakes after these are not looked for: a list may have one in each element. */
const MAX_ERRORS = 10

/** Values that these types take as they are. */
const SIMPLE: Readonly<Record<string, Check>> = {
  ID: (value) => typeof value === 'string',
  String: (value) => typeof value === 'string',
  Boolean: (value) => typeof value === 'boolean',
  // 32 bits.
  Int: (value) => typeof value === 'number' && (value | 0) === value,
  Float: (value) => Number.isFinite(value),
}

/**
 * Most requests give each variable a string, a number or a Boolean where one is declared, and then there is nothing to do.
 * graphql-js sees to all others.
 */
export function compileVariables(
  operation: OperationDefinitionNode,
  schema: GraphQLSchema,
  options: { readonly hideSuggestions: boolean },
): CoerceVariables {
  const definitions = operation.variableDefinitions ?? []
  const checks = definitions.map((definition) => ({
    name: definition.variable.name.value,
    check: simpleCheck(definition),
  }))
  return (variables) => {
    if (checks.every(({ name, check }) => check?.(variables[name]) && Object.hasOwn(variables, name))) {
      return { coerced: variables }
    }
    const { coerced, errors } = getVariableValues(schema, definitions, variables, {
      maxErrors: MAX_ERRORS,
      ...options,
    })
    return errors
      ? { errors: errors.map((error) => clientMistake(error, COMMON_ERRORS.BAD_USER_INPUT)) }
      : { coerced }
  }
}

function simpleCheck({ type }: VariableDefinitionNode): Check | undefined {
  const named = type.kind === Kind.NON_NULL_TYPE ? type.type : type
  return named.kind === Kind.NAMED_TYPE && Object.hasOwn(SIMPLE, named.name.value)
    ? SIMPLE[named.name.value]
    : undefined
}
