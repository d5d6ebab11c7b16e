import { COMMON_ERRORS, type ServiceError, serviceError } from '@bulkhead/service/errors'
import { finiteNumberRule, PARSE_OPTIONS } from '@bulkhead/service/graphql/document-limits'
import {
  type DocumentNode,
  GraphQLError,
  type OperationDefinitionNode,
  OverlappingFieldsCanBeMergedRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql'
import { LRUCache } from 'lru-cache'
import { GATEWAY_ERRORS } from '../errors.ts'
import { type CompiledOperation, compileOperation } from '../execution/compile-operation.ts'
import { asksForSchema, refuseLargeIntrospection } from '../limits/introspection.ts'
import { mergingFieldsRule } from '../limits/merging-fields-rule.ts'
import { compileCost } from '../limits/operation-cost.ts'
import {
  DEFAULT_OPERATION_LIMITS,
  type OperationLimits,
  refuseCost,
  refuseDeepBrackets,
  refuseLargeDocument,
  refuseLongDocument,
  refuseManyTokens,
  refuseVariables,
} from '../limits/operation-limits.ts'
import type { AccessRule } from '../supergraph/access-rules.ts'
import type { Supergraph } from '../supergraph/supergraph.ts'
import { type OperationUsage, operationUsage } from '../usage/operation-usage.ts'
import { type Allows, authorizeOperation, rulesOfOperation } from './authorize-operation.ts'
import { clientMistake } from './client-mistake.ts'
import { type CoerceVariables, compileVariables } from './coerce-variables.ts'
import {
  type Conditions,
  conditionVariables,
  decideConditions,
  findOperation,
  withoutDefer,
} from './conditions.ts'
import { hasInterfaceObject } from './interface-objects.ts'
import { normalizeOperation } from './normalize-operation.ts'
import { planOperation } from './plan-operation.ts'

/** Why an operation is answered in one piece although its client takes `@defer`. */
export type DeferIgnored = 'planner' | 'interface_object'

/** One form of an operation, ready to be executed: for one combination of conditions, and of rules that callers meet. */
type PreparedForm = CompiledOperation & { readonly deferIgnored: DeferIgnored | null }

/** A client's valid operation. */
export type PreparedOperation = {
  readonly operation: OperationDefinitionNode
  /** The error where there are too many values to coerce, or they nest too deep. */
  refuseVariables(variables: Readonly<Record<string, unknown>>): ServiceError | undefined
  readonly coerceVariables: CoerceVariables
  /** The error where the operation costs too much with these variables, which have been coerced. */
  refuseCost(variables: Readonly<Record<string, unknown>>): ServiceError | undefined
  /**
   * The form of the operation for these variables, which have been coerced, and for what the caller may see. The first
   * call for a form plans it.
   */
  compiledFor(variables: Readonly<Record<string, unknown>>, allows: Allows): PreparedForm
  /** What it uses of the schema. The first call finds that out. */
  usage(): OperationUsage
  /** The forms that were asked for, each as variables and rights that give it. The most recent first. */
  formsInUse(): readonly { readonly variables: Readonly<Record<string, boolean>>; readonly allows: Allows }[]
  /** Gives up its forms; to be called when it is not kept any longer. */
  forget(): void
}

export type OperationRequest = {
  readonly query: string
  readonly operationName: string | undefined
  /** Whether the client takes an answer in several parts. If not, `@defer` is ignored. */
  readonly acceptsParts: boolean
}

/** What an operation may be. */
export type OperationRules = {
  readonly limits: OperationLimits
  /** Whether it may ask for the schema. */
  readonly introspection: boolean
}

const DEFAULT_RULES: OperationRules = { limits: DEFAULT_OPERATION_LIMITS, introspection: true }

/**
 * Upper bound on forms of all operations together, since a client can ask for any number of them with a few variables. A
 * large one takes some 150 KB.
 */
const MAX_FORMS = 2_000

/** The forms of the operations of one supergraph. The least recently used go. */
export type Forms = { readonly cache: LRUCache<string, PreparedForm>; operations: number }

export function createForms(): Forms {
  return { cache: new LRUCache({ max: MAX_FORMS }), operations: 0 }
}

const RULES = [
  ...specifiedRules.filter((rule) => rule !== OverlappingFieldsCanBeMergedRule),
  mergingFieldsRule,
  finiteNumberRule,
]
/** Mistakes after these are not looked for, since each costs time and room in the answer. */
const MAX_MISTAKES = 10

/**
 * Parses and validates an operation.
 * @param options.forms where its forms are kept, with those of other operations of this supergraph
 * @param options.onPlanned called for each plan that is made, now or later
 * @returns the client's mistakes where it is not a valid operation of the supergraph
 */
export function prepareOperation(
  supergraph: Supergraph,
  request: OperationRequest,
  options: {
    readonly rules?: OperationRules | undefined
    readonly forms?: Forms
    readonly onPlanned?: ((seconds: number) => void) | undefined
  } = {},
): PreparedOperation | readonly GraphQLError[] {
  const { rules: { limits, introspection } = DEFAULT_RULES, forms = createForms(), onPlanned } = options
  const parsed = parseDocument(request.query, limits)
  if (parsed instanceof GraphQLError) return [parsed]
  const tooLarge = refuseLargeDocument(parsed, limits)
  if (tooLarge) return [withError(tooLarge)]
  if (asksForSchema(parsed)) {
    if (!introspection) return [withError(serviceError(GATEWAY_ERRORS.INTROSPECTION_DISABLED))]
    const refusal = refuseLargeIntrospection(parsed)
    if (refusal) return [withError(refusal)]
  }
  const mistakes = validate(supergraph.schema, parsed, RULES, {
    maxErrors: MAX_MISTAKES,
    hideSuggestions: !introspection,
  })
  if (mistakes.length > 0)
    return mistakes.map((mistake) => clientMistake(mistake, COMMON_ERRORS.GRAPHQL_VALIDATION_FAILED))

  // For interface objects the planner gets a wider document, and what it says about deferred parts is of that one.
  const inParts = request.acceptsParts && !hasInterfaceObject(parsed, supergraph)
  const document = inParts ? parsed : withoutDefer(parsed)
  const deferIgnored = request.acceptsParts && document !== parsed ? 'interface_object' : null
  const operation = findOperation(document, request.operationName)
  if (!operation) return [noOperation(request.operationName)]
  if (operation.operation === 'subscription') return [noSubscriptions(operation)]

  const costOf = compileCost(document, operation, supergraph, limits.listSize)
  const names = conditionVariables(document)
  const rules = rulesOfOperation(document, supergraph)
  let usage: OperationUsage | undefined
  forms.operations += 1
  const prefix = `${forms.operations} `
  const ownKeys = () => [...forms.cache.keys()].filter((key) => key.startsWith(prefix))
  return {
    operation,
    refuseVariables: (variables) => refuseVariables(variables, limits),
    coerceVariables: compileVariables(operation, supergraph.schema, { hideSuggestions: !introspection }),
    refuseCost: (variables) => refuseCost(costOf(variables), limits),
    compiledFor(variables, allows) {
      const conditions = decideConditions(names, variables)
      const key = prefix + bits(names, (name) => conditions.get(name) === true) + bits(rules, allows)
      let form = forms.cache.get(key)
      if (!form) {
        const startedAt = performance.now()
        const allowed = whereDenied(rules, allows)
        const compiled = compileForm(document, operation, { conditions, allows: allowed }, supergraph)
        onPlanned?.((performance.now() - startedAt) / 1_000)
        form = deferIgnored === null ? compiled : { ...compiled, deferIgnored }
        forms.cache.set(key, form)
      }
      return form
    },
    usage() {
      usage ??= operationUsage(parsed, operation, supergraph.schema)
      return usage
    },
    formsInUse: () =>
      ownKeys().map((key) => {
        const isSet = (index: number) => key[prefix.length + index] === '1'
        return {
          variables: Object.fromEntries(names.map((name, index) => [name, isSet(index)])),
          allows: onlyRules(rules.filter((_, index) => isSet(names.length + index))),
        }
      }),
    forget() {
      for (const key of ownKeys()) forms.cache.delete(key)
    },
  }
}

/** Null where all rules are met. Not `allows` itself: that is of one caller, and a form serves all who meet the same rules. */
function whereDenied(rules: readonly AccessRule[], allows: Allows): Allows | null {
  const met = rules.filter(allows)
  return met.length === rules.length ? null : onlyRules(met)
}

function onlyRules(met: readonly AccessRule[]): Allows {
  const ids = new Set(met.map(({ id }) => id))
  return ({ id }) => ids.has(id)
}

function bits<T>(values: readonly T[], isSet: (value: T) => boolean): string {
  return values.map((value) => (isSet(value) ? '1' : '0')).join('')
}

/**
 * The planner fails for some valid operations with `@defer` ("cannot have a top-level deferRef"). A server may ignore
 * `@defer`, so these are answered at once. What fails without `@defer` too is thrown.
 */
function compileForm(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  form: { readonly conditions: Conditions; readonly allows: Allows | null },
  supergraph: Supergraph,
): PreparedForm {
  const normalized = normalizeOperation(document, operation, form.conditions, supergraph)
  const authorized = form.allows
    ? authorizeOperation(normalized, supergraph, form.allows)
    : { ...normalized, denials: null }
  try {
    const planNode = planOperation(authorized, supergraph)
    return { ...compileOperation({ ...authorized, planNode, supergraph }), deferIgnored: null }
  } catch (error) {
    const whole = withoutDefer(document)
    const wholeOperation = findOperation(whole, operation.name?.value)
    if (whole === document || !wholeOperation) throw error
    return { ...compileForm(whole, wholeOperation, form, supergraph), deferIgnored: 'planner' }
  }
}

function parseDocument(query: string, limits: OperationLimits): DocumentNode | GraphQLError {
  const tooLong = refuseLongDocument(query, limits)
  if (tooLong) return withError(tooLong)
  // The limit on depth would come too late: the parser recurses into the document before.
  const tooDeep = refuseDeepBrackets(query)
  if (tooDeep) return withError(tooDeep)
  try {
    return parse(query, { ...PARSE_OPTIONS, maxLexicalTokens: limits.tokens })
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    const tooMany = refuseManyTokens(query, limits)
    return tooMany ? withError(tooMany) : clientMistake(error, COMMON_ERRORS.GRAPHQL_PARSE_FAILED)
  }
}

function withError(error: ServiceError): GraphQLError {
  return new GraphQLError(error.message, { originalError: error })
}

function noOperation(name: string | undefined): GraphQLError {
  const message =
    name === undefined
      ? 'The document has several operations: send operationName.'
      : `The document has no operation named "${name}".`
  return clientMistake(new GraphQLError(message), COMMON_ERRORS.OPERATION_RESOLUTION_FAILURE)
}

function noSubscriptions(operation: OperationDefinitionNode): GraphQLError {
  const error = new GraphQLError('This gateway executes no subscriptions.', { nodes: operation })
  return clientMistake(error, COMMON_ERRORS.GRAPHQL_VALIDATION_FAILED)
}
