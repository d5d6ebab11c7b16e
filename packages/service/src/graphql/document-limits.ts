import {
  type ASTVisitor,
  type FloatValueNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type IntValueNode,
  Lexer,
  type SelectionNode,
  type SelectionSetNode,
  Source,
  TokenKind,
  type ValidationContext,
} from 'graphql'
import { COMMON_ERRORS, type ServiceError, serviceError } from '../errors.ts'
import { isRecord } from '../json.ts'

/** Upper bound on lexical tokens per document, where the parser stops. */
const MAX_TOKENS = 10_000
/** Upper bound on selected fields and fragments, with fragments expanded. */
const MAX_SELECTIONS = 10_000
/**
 * Upper bound on nested brackets and on nested selections. Validation, the query planner and execution recurse into
 * documents: this is far more than operations need (introspection: 13) and far less than what exhausts the stack.
 */
const MAX_DEPTH = 100

/** For graphql-js's parser. */
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

/** The same for the document alone. */
export function refuseDeepDocument(document: string): ServiceError | undefined {
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

/** Counts brackets. False for a document that cannot be read, since the parser says what is wrong with it. */
function nestsTooDeep(document: string): boolean {
  // Most documents have too few brackets to be too deep, so they need no lexer.
  if ((document.match(/[{[(]/g)?.length ?? 0) <= MAX_DEPTH) return false
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

/**
 * A validation rule: refuses number literals such as `1e999`, which a double cannot hold. Scalars would read them as
 * Infinity, which can be written neither as GraphQL nor as JSON.
 */
function finiteNumberRule(context: ValidationContext): ASTVisitor {
  function check(node: IntValueNode | FloatValueNode) {
    if (Number.isFinite(Number(node.value))) return
    context.reportError(
      new GraphQLError('A number in the document is too large to be finite.', { nodes: node }),
    )
  }
  return { IntValue: check, FloatValue: check }
}

/** A validation rule: refuses operations that nest too deep once fragments are expanded. */
function depthRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(operation) {
      if (isTooDeep(context, operation.selectionSet)) {
        context.reportError(new GraphQLError(TOO_DEEP, { nodes: operation }))
      }
      return false
    },
  }
}

function isTooDeep(context: ValidationContext, operation: SelectionSetNode): boolean {
  /** The greatest depth at which each fragment was walked. Walking it again from there or above finds nothing new. */
  const walked = new Map<FragmentDefinitionNode, number>()

  function reaches(selectionSet: SelectionSetNode, depth: number): boolean {
    if (depth > MAX_DEPTH) return true
    return selectionSet.selections.some((selection) => {
      if (selection.kind !== 'FragmentSpread') {
        return selection.selectionSet !== undefined && reaches(selection.selectionSet, depth + 1)
      }
      const fragment = context.getFragment(selection.name.value)
      if (!fragment || (walked.get(fragment) ?? 0) >= depth) return false
      walked.set(fragment, depth)
      return reaches(fragment.selectionSet, depth + 1)
    })
  }

  return reaches(operation, 1)
}

/** A validation rule: refuses operations with too many selections once fragments are expanded. */
function selectionsRule(context: ValidationContext): ASTVisitor {
  const counts = new Map<FragmentDefinitionNode, number>()

  function count(selectionSet: SelectionSetNode): number {
    return selectionSet.selections.reduce((sum, selection) => sum + 1 + below(selection), 0)
  }

  function below(selection: SelectionNode): number {
    if (selection.kind !== 'FragmentSpread') return selection.selectionSet ? count(selection.selectionSet) : 0
    const fragment = context.getFragment(selection.name.value)
    if (!fragment) return 0
    let known = counts.get(fragment)
    if (known === undefined) {
      // A fragment that leads back to itself is refused by a rule of its own; here it only must not be followed.
      counts.set(fragment, 0)
      known = count(fragment.selectionSet)
      counts.set(fragment, known)
    }
    return known
  }

  return {
    OperationDefinition(operation) {
      if (count(operation.selectionSet) > MAX_SELECTIONS) {
        const message = `The operation selects more than ${MAX_SELECTIONS} fields once its fragments are expanded.`
        context.reportError(new GraphQLError(message, { nodes: operation }))
      }
      return false
    },
  }
}

/** What bounds documents besides the parser's options. */
export const DOCUMENT_RULES = [depthRule, finiteNumberRule, selectionsRule] as const
