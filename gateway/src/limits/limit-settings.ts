import { count } from '@bulkhead/service/config/setting'
import { MAX_DEPTH } from '@bulkhead/service/graphql/document-limits'
import { DEFAULT_OPERATION_LIMITS as DEFAULTS, type OperationLimits } from './operation-limits.ts'

const MIB = 1024 * 1024
const MANY = 1_000_000

/** The environment variables of limits. */
export const LIMIT_SETTINGS = {
  MAX_BODY_BYTES: count({
    about: 'Bytes of a request body.',
    min: 1_024,
    max: 64 * MIB,
    // 500 interactions, the most in one call, have 100 KiB. To parse 1 MiB of hostile JSON takes more than 50 ms of CPU.
    default: MIB / 4,
  }),
  MAX_DOCUMENT_LENGTH: count({
    about: 'Characters of a GraphQL document.',
    min: 1,
    max: 64 * MIB,
    default: DEFAULTS.documentLength,
  }),
  MAX_TOKENS: count({
    about: 'Lexical tokens of a GraphQL document.',
    min: 1,
    max: MANY,
    default: DEFAULTS.tokens,
  }),
  MAX_VARIABLE_VALUES: count({
    about: 'Values in the variables of a request: elements of lists and fields of objects.',
    min: 1,
    max: MANY,
    default: DEFAULTS.variableValues,
  }),
  MAX_DEPTH: count({
    about: 'Levels of selections in an operation, with fragments expanded.',
    min: 1,
    max: MAX_DEPTH,
    default: DEFAULTS.depth,
  }),
  MAX_SELECTIONS: count({
    about:
      'Selections of a document, with fragments expanded. Those in a fragment with `@defer` count twice. The time to plan an operation grows with them.',
    min: 1,
    max: MANY,
    default: DEFAULTS.selections,
  }),
  MAX_ROOT_FIELDS: count({
    about: 'Root fields of an operation, with fragments expanded.',
    min: 1,
    max: MANY,
    default: DEFAULTS.rootFields,
  }),
  MAX_ALIASES: count({
    about: 'Aliases of a document, with fragments expanded.',
    min: 0,
    max: MANY,
    default: DEFAULTS.aliases,
  }),
  MAX_DIRECTIVES: count({
    about: 'Directives of a document, with fragments expanded.',
    min: 0,
    max: MANY,
    default: DEFAULTS.directives,
  }),
  MAX_DEFERRED_FRAGMENTS: count({
    about:
      'Fragments with `@defer` of a document, with fragments expanded. Each is planned and answered on its own.',
    min: 0,
    max: MANY,
    default: DEFAULTS.deferredFragments,
  }),
  MAX_COST: count({
    about:
      'Cost of an operation with its variables, estimated from `@cost` and `@listSize`: each object 1, a leaf 0, a mutation 10 besides.',
    min: 1,
    max: 1_000_000_000,
    default: DEFAULTS.cost,
  }),
  DEFAULT_LIST_SIZE: count({
    about: 'Elements that MAX_COST counts for a list without `@listSize`.',
    min: 0,
    max: MANY,
    default: DEFAULTS.listSize,
  }),
}

export function operationLimits(
  settings: Readonly<Record<Exclude<keyof typeof LIMIT_SETTINGS, 'MAX_BODY_BYTES'>, number>>,
): OperationLimits {
  return {
    documentLength: settings.MAX_DOCUMENT_LENGTH,
    tokens: settings.MAX_TOKENS,
    variableValues: settings.MAX_VARIABLE_VALUES,
    depth: settings.MAX_DEPTH,
    selections: settings.MAX_SELECTIONS,
    rootFields: settings.MAX_ROOT_FIELDS,
    aliases: settings.MAX_ALIASES,
    directives: settings.MAX_DIRECTIVES,
    deferredFragments: settings.MAX_DEFERRED_FRAGMENTS,
    cost: settings.MAX_COST,
    listSize: settings.DEFAULT_LIST_SIZE,
  }
}
