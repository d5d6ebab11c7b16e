import {
  type ASTVisitor,
  type FloatValueNode,
  GraphQLError,
  type IntValueNode,
  Lexer,
  Source,
  TokenKind,
  type ValidationContext,
} from 'graphql'
import { COMMON_ERRORS, type ServiceError, serviceError } from '../errors.ts'
import { isRecord } from '../json.ts'
import { measureDocument } from './measure-document.ts'

/** Upper bound on lexical tokens per document, where the parser stops. */
const MAX_TOKENS = 10_000
/** Upper bound on selected fields and fragments, with fragments expanded. */
const MAX_SELECTIONS = 10_000
/**
 * Upper bound on nested brackets and on nested selections. Validation, the query planner and execution recurse into
 * documents: this is far more than operations need (introspection: 13) and far less than what exhausts the stack.
 */
export const MAX_DEPTH = 100

/** For graphql-js's parser. Its lexer drops comments, which are no tokens, but keeps them in a list. */
export const PARSE_OPTIONS = { maxLexicalTokens: MAX_TOKENS, maxComments: MAX_TOKENS }

const TOO_DEEP = `The document nests deeper than ${MAX_DEPTH} levels.`

const OPENING: ReadonlySet<string> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L])
const CLOSING: ReadonlySet<string> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R])

/**
 * The error for a GraphQL request that nests too deep: parser, validation and serialiser recurse, and would exhaust the
 * stack. Undefined for all others, whatever else may be wrong with them.
 */
export function refuseTooDeep(body: unknown): ServiceError | undefined {
  if (!isRecord(body)) return undefined
  return (
    (typeof body.query === 'string' ? refuseDeepDocument(body.query) : undefined) ??
    refuseDeepVariables(body.variables)
  )
}

function refuseDeepDocument(document: string): ServiceError | undefined {
  return nestsTooDeep(document) ? serviceError(COMMON_ERRORS.GRAPHQL_PARSE_FAILED, TOO_DEEP) : undefined
}

/** The same for the variables alone. */
export function refuseDeepVariables(variables: unknown): ServiceError | undefined {
  return isDeeperThan(variables, MAX_DEPTH)
    ? serviceError(COMMON_ERRORS.BAD_USER_INPUT, `The variables nest deeper than ${MAX_DEPTH} levels.`)
    : undefined
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((inner) => isDeeperThan(inner, levels - 1))
}

/** Whether more than MAX_DEPTH brackets are open at once. False for a document that cannot be read, since the parser says what is wrong with it. */
export function nestsTooDeep(document: string): boolean {
  // Most documents have too few brackets to be too deep, so they need no lexer.
  if (!hasManyBrackets(document)) return false
  const lexer = new Lexer(new Source(document))
  let depth = 0
  try {
    for (let tokens = 0; tokens <= MAX_TOKENS; tokens += 1) {
      const { kind } = lexer.advance()
      if (kind === TokenKind.EOF) return false
      if (OPENING.has(kind)) depth += 1
      else if (CLOSING.has(kind)) depth -= 1
      if (depth > MAX_DEPTH) return true
    }
  } catch {
    return false
  }
  return false
}

function hasManyBrackets(document: string): boolean {
  const bracket = /[{[(]/g
  for (let brackets = 0; brackets <= MAX_DEPTH; brackets += 1) if (!bracket.test(document)) return false
  return true
}

/** The tokens of a document, counted up to one more than `max`, or to where it cannot be read. */
export function countTokens(document: string, max: number): number {
  const lexer = new Lexer(new Source(document))
  let tokens = 0
  try {
    while (tokens <= max && lexer.advance().kind !== TokenKind.EOF) tokens += 1
  } catch {
    // The parser says what is wrong.
  }
  return tokens
}

/**
 * A validation rule: refuses number literals such as `1e999`, which a double cannot hold. Scalars would read them as
 * Infinity, which can be written neither as GraphQL nor as JSON.
 */
export function finiteNumberRule(context: ValidationContext): ASTVisitor {
  function check(node: IntValueNode | FloatValueNode) {
    if (Number.isFinite(Number(node.value))) return
    context.reportError(
      new GraphQLError('A number in the document is too large to be finite.', { nodes: node }),
    )
  }
  return { IntValue: check, FloatValue: check }
}

/** A validation rule: refuses operations that nest too deep, or select too much, once fragments are expanded. */
function sizeRule(context: ValidationContext): ASTVisitor {
  return {
    Document(document) {
      const { depth, selections } = measureDocument(document)
      if (depth > MAX_DEPTH) context.reportError(new GraphQLError(TOO_DEEP, { nodes: document }))
      if (selections > MAX_SELECTIONS) {
        const message = `The document selects more than ${MAX_SELECTIONS} fields once its fragments are expanded.`
        context.reportError(new GraphQLError(message, { nodes: document }))
      }
    },
  }
}

/** What bounds documents besides the parser's options. */
export const DOCUMENT_RULES = [sizeRule, finiteNumberRule] as const
