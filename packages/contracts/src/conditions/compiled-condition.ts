import type { SavedGroups } from './saved-groups.ts'

/** Upper bound on the levels of nesting of a condition: deeper ones match nobody, before they exhaust the stack. */
export const MAX_CONDITION_DEPTH = 32

/** Upper bound on the operators of a condition, and on the entries of its `$all`: each costs time for each user. */
export const MAX_CONDITION_OPERATORS = 500

/** Upper bound on the operators within `$all` and `$elemMatch`, which are asked for each element of an attribute. */
export const MAX_ELEMENT_OPERATORS = 50

/** What is wrong with a condition. */
export const CONDITION_PROBLEM_CODES = [
  'NOT_AN_OBJECT',
  'TOO_DEEP',
  'TOO_LARGE',
  'UNKNOWN_OPERATOR',
  'BAD_OPERAND',
  'INVALID_REGEX',
  'UNSUPPORTED_REGEX',
  'UNKNOWN_GROUP',
] as const
export type ConditionProblemCode = (typeof CONDITION_PROBLEM_CODES)[number]

export type ConditionProblem = {
  /** JSON Pointer to the member at fault; empty for the whole condition. */
  readonly path: string
  readonly code: ConditionProblemCode
  /** Continues the name of the member: "must be a list". */
  readonly message: string
}

/** What an evaluation knows besides the value. */
type Scope = {
  readonly groups: SavedGroups
  /** The saved groups whose conditions are being evaluated. */
  readonly visited: readonly string[]
}

export type Predicate = (value: unknown, scope: Scope) => boolean

export type CompiledCondition = {
  /** Throws where GrowthBook's SDK throws. */
  readonly matches: Predicate
  readonly problems: readonly ConditionProblem[]
  /** The saved groups that it names, and where. */
  readonly groups: readonly { readonly path: string; readonly key: string }[]
}

/** What the parts of a compilation share. */
export type Compiler = {
  readonly problems: ConditionProblem[]
  readonly groups: { readonly path: string; readonly key: string }[]
  /** Compiles a condition on an object. Passed along because conditions and their operators contain each other. */
  readonly compileMembers: (condition: unknown, path: string, compiler: Compiler) => Predicate
  /** How many operators were compiled. */
  readonly operators: { all: number; ofElements: number }
  /** Whether what is compiled is asked for each element of a list. */
  readonly ofElements: boolean
}

const NOTHING: readonly string[] = []
const NO_ANSWER = new TypeError('the condition is malformed')

/** For the few malformed conditions with which GrowthBook's SDK throws: the whole condition then matches nobody. */
export function unanswerable(): never {
  throw NO_ANSWER
}

/** Whether a value meets a compiled condition. Never throws. */
export function matchesCondition(matches: Predicate, value: unknown, groups: SavedGroups): boolean {
  try {
    return matches(value, { groups, visited: NOTHING })
  } catch {
    // Malformed, or a value that cannot become a text or number, such as an object with a member `toString`.
    return false
  }
}

/** Met where all of them are. */
export function every(predicates: readonly Predicate[]): Predicate {
  const [only] = predicates
  if (only !== undefined && predicates.length === 1) return only
  return (value, scope) => {
    for (const predicate of predicates) if (!predicate(value, scope)) return false
    return true
  }
}

export function countOperator({ operators, ofElements }: Compiler, count = 1): void {
  operators.all += count
  if (ofElements) operators.ofElements += count
}

export function pointerTo(path: string, name: string): string {
  return `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((one) => isDeeperThan(one, levels - 1))
}
