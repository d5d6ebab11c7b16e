import { type ErrorDefinition, type ServiceError, serviceError } from '@bulkhead/service/errors'
import {
  countTokens,
  MAX_DEPTH,
  nestsTooDeep,
  refuseDeepVariables,
} from '@bulkhead/service/graphql/document-limits'
import { type DocumentMeasures, measureDocument } from '@bulkhead/service/graphql/measure-document'
import type { DocumentNode } from 'graphql'
import { GATEWAY_ERRORS } from '../errors.ts'
import { limitError } from './limit-error.ts'
import type { CostOf } from './operation-cost.ts'

/** Upper bounds on what one document asks for. */
export type OperationLimits = DocumentMeasures & {
  /** UTF-16 code units. */
  readonly documentLength: number
  readonly tokens: number
  /** Values in the variables: each in a list and each field of an object. */
  readonly variableValues: number
  /** As `compileCost` counts it. */
  readonly cost: number
  /** What `cost` takes for the length of a list of which nothing else is known. */
  readonly listSize: number
}

export const DEFAULT_OPERATION_LIMITS: OperationLimits = {
  documentLength: 100_000,
  tokens: 3_000,
  // A call with 500 interactions has 3,500.
  variableValues: 10_000,
  // The introspection query of graphql-js has 18, and 240 selections.
  depth: 20,
  // Validation and planning take up to 100 µs for each, and for those in fragments with `@defer` twice that.
  selections: 250,
  rootFields: 20,
  aliases: 50,
  directives: 50,
  // Each takes the planner some 500 µs more than its selections do.
  deferredFragments: 5,
  // Four lists of the default size inside each other.
  cost: 20_000,
  listSize: 10,
}

type Check = { readonly label: string; readonly error: ErrorDefinition }

const CHECKS: Readonly<Record<keyof DocumentMeasures, Check>> = {
  depth: { label: 'Depth', error: GATEWAY_ERRORS.DEPTH_LIMIT_EXCEEDED },
  selections: { label: 'Number of selections', error: GATEWAY_ERRORS.SELECTION_LIMIT_EXCEEDED },
  rootFields: { label: 'Number of root fields', error: GATEWAY_ERRORS.ROOT_FIELD_LIMIT_EXCEEDED },
  aliases: { label: 'Number of aliases', error: GATEWAY_ERRORS.ALIAS_LIMIT_EXCEEDED },
  directives: { label: 'Number of directives', error: GATEWAY_ERRORS.DIRECTIVE_LIMIT_EXCEEDED },
  deferredFragments: {
    label: 'Number of deferred fragments',
    error: GATEWAY_ERRORS.DEFERRED_FRAGMENT_LIMIT_EXCEEDED,
  },
}

/** The error for a text that is too long to be parsed. */
export function refuseLongDocument(
  text: string,
  limits: Pick<OperationLimits, 'documentLength'>,
): ServiceError | undefined {
  const limit = { name: 'documentLength', max: limits.documentLength, measured: text.length }
  if (limit.measured <= limit.max) return undefined
  return limitError(GATEWAY_ERRORS.DOCUMENT_LENGTH_LIMIT_EXCEEDED, 'Document length', limit)
}

/** The error for a text whose brackets nest so deep that parsing it could exhaust the stack. */
export function refuseDeepBrackets(text: string): ServiceError | undefined {
  if (!nestsTooDeep(text)) return undefined
  const limit = { name: 'brackets', max: MAX_DEPTH, measured: MAX_DEPTH + 1 }
  return limitError(GATEWAY_ERRORS.DEPTH_LIMIT_EXCEEDED, 'Depth of brackets', limit)
}

/** The error for a text that the parser gave up, if that has too many tokens. They are counted up to one too many. */
export function refuseManyTokens(
  text: string,
  limits: Pick<OperationLimits, 'tokens'>,
): ServiceError | undefined {
  const limit = { name: 'tokens', max: limits.tokens, measured: countTokens(text, limits.tokens) }
  if (limit.measured <= limit.max) return undefined
  return limitError(GATEWAY_ERRORS.TOKEN_LIMIT_EXCEEDED, 'Number of tokens', limit)
}

/**
 * The error for a parsed document that asks for too much. It needs no schema, so it comes before validation; the plugins
 * of graphql-armor run as a part of that, each with a walk of its own, and their errors are texts.
 */
export function refuseLargeDocument(
  document: DocumentNode,
  limits: OperationLimits,
): ServiceError | undefined {
  const measures = measureDocument(document)
  for (const name of Object.keys(CHECKS) as (keyof DocumentMeasures)[]) {
    const limit = { name, max: limits[name], measured: measures[name] }
    if (limit.measured > limit.max) return limitError(CHECKS[name].error, CHECKS[name].label, limit)
  }
  return undefined
}

/** The error for variables that nest too deep, or have so many values that checking each would take long. */
export function refuseVariables(
  variables: Readonly<Record<string, unknown>>,
  limits: Pick<OperationLimits, 'variableValues'>,
): ServiceError | undefined {
  // Counted first: listing the keys of a very large object takes milliseconds, and the count refuses it after one time.
  return refuseManyValues(variables, limits.variableValues) ?? refuseDeepVariables(variables)
}

/** They are counted up to the limit. */
function refuseManyValues(
  variables: Readonly<Record<string, unknown>>,
  max: number,
): ServiceError | undefined {
  let measured = 0
  function count(value: object, depth: number): void {
    const inside = Object.values(value)
    measured += inside.length
    // What is deeper is refused whatever it has.
    if (measured > max || depth > MAX_DEPTH) return
    for (const each of inside) if (typeof each === 'object' && each !== null) count(each, depth + 1)
  }
  count(variables, 1)
  if (measured <= max) return undefined
  const limit = { name: 'variableValues', max, measured }
  return limitError(GATEWAY_ERRORS.VARIABLE_LIMIT_EXCEEDED, 'Number of values in the variables', limit)
}

/** The error for an operation that costs too much with its variables, or whose lists have no length. */
export function refuseCost(
  { cost, unsliced }: ReturnType<CostOf>,
  limits: Pick<OperationLimits, 'cost'>,
): ServiceError | undefined {
  if (unsliced !== null) {
    const message = `${unsliced} needs exactly one of its arguments that say how long its list is.`
    return serviceError(GATEWAY_ERRORS.SLICING_ARGUMENT_REQUIRED, message)
  }
  const limit = { name: 'cost', max: limits.cost, measured: cost }
  return cost > limits.cost ? limitError(GATEWAY_ERRORS.COST_LIMIT_EXCEEDED, 'Cost', limit) : undefined
}
