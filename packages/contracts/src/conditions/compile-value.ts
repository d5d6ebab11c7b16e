import {
  type Compiler,
  countOperator,
  every,
  type Predicate,
  pointerTo,
  unanswerable,
} from './compiled-condition.ts'
import { compileRegex } from './regular-expression.ts'
import { type SavedGroups, savedGroupValues } from './saved-groups.ts'
import { comparableVersion } from './version-text.ts'

/** A condition on one value: a value to be equal to, or an object of operators that must all be met. */
export function compileValue(condition: unknown, path: string, compiler: Compiler): Predicate {
  if (typeof condition !== 'object' || condition === null) return compileEquality(condition)
  if (Array.isArray(condition) || !isOperatorObject(condition)) {
    if (Object.keys(condition).some((name) => name.startsWith('$')) && !Array.isArray(condition)) {
      const message = 'mixes operators with other members, and so would be compared as a plain object'
      compiler.problems.push({ path, code: 'BAD_OPERAND', message })
    }
    return equalsJson(condition)
  }
  return every(
    Object.entries(condition).map(([operator, operand]) =>
      compileOperator(operator, operand, pointerTo(path, operator), compiler),
    ),
  )
}

/** GrowthBook's equality with a text or number converts the attribute: `"5"` equals 5, and a missing one `"null"` and 0. */
function compileEquality(expected: unknown, ignoreCase = false): Predicate {
  switch (typeof expected) {
    case 'string': {
      if (!ignoreCase) return (value) => textOf(value) === expected
      const folded = expected.toLowerCase()
      return (value) => textOf(value).toLowerCase() === folded
    }
    case 'number':
      return (value) => Number(value) === expected
    case 'boolean':
      return (value) => value !== null && Boolean(value) === expected
    case 'object':
      return (value) => value === null
    default:
      return unanswerable
  }
}

/** Of lists and plain objects: the same JSON text, so the order of the members counts. */
function equalsJson(expected: object): Predicate {
  const text = JSON.stringify(expected)
  return (value) => typeof value === 'object' && value !== null && JSON.stringify(value) === text
}

/** An object with members that are all operators. */
function isOperatorObject(value: object): boolean {
  const names = Object.keys(value)
  return names.length > 0 && names.every((name) => name.startsWith('$'))
}

type Operator = (operand: unknown, path: string, compiler: Compiler) => Predicate

function compileOperator(name: string, operand: unknown, path: string, compiler: Compiler): Predicate {
  countOperator(compiler)
  const operator = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined
  if (operator !== undefined) return operator(operand, path, compiler)
  compiler.problems.push({ path, code: 'UNKNOWN_OPERATOR', message: `"${name}" is not an operator` })
  return () => false
}

const TYPES = ['string', 'number', 'boolean', 'array', 'object', 'null', 'undefined']

const OPERATORS: Readonly<Record<string, Operator>> = {
  $eq: (operand) => (value) => value === operand,
  $ne: (operand) => (value) => value !== operand,
  // With the language's own conversions, as in GrowthBook's SDK: null counts as 0, and two texts compare as texts.
  $lt: (operand) => (value) => (value as number) < (operand as number),
  $lte: (operand) => (value) => (value as number) <= (operand as number),
  $gt: (operand) => (value) => (value as number) > (operand as number),
  $gte: (operand) => (value) => (value as number) >= (operand as number),
  $exists: (operand) => (operand ? isThere : (value) => !isThere(value)),
  $type(operand, path, { problems }) {
    if (!TYPES.includes(operand as string)) {
      problems.push({ path, code: 'BAD_OPERAND', message: `must be one of ${TYPES.join(', ')}` })
    }
    return (value) => typeOf(value) === operand
  },
  $veq: comparesVersions((actual, expected) => actual === expected),
  $vne: comparesVersions((actual, expected) => actual !== expected),
  $vgt: comparesVersions((actual, expected) => actual > expected),
  $vgte: comparesVersions((actual, expected) => actual >= expected),
  $vlt: comparesVersions((actual, expected) => actual < expected),
  $vlte: comparesVersions((actual, expected) => actual <= expected),
  $in: withList((list) => {
    const set = new Set(list)
    return (value) => isAnyIn(value, set)
  }),
  $nin: withList((list) => {
    const set = new Set(list)
    return (value) => !isAnyIn(value, set)
  }),
  $ini: withList((list) => {
    const set = new Set(list.map(inLowerCase))
    return (value) => isAnyIn(value, set, inLowerCase)
  }),
  $nini: withList((list) => {
    const set = new Set(list.map(inLowerCase))
    return (value) => !isAnyIn(value, set, inLowerCase)
  }),
  $inGroup: (operand, path, compiler) => {
    const valuesIn = compileGroup(operand, path, compiler)
    return (value, { groups }) => {
      const values = valuesIn(groups)
      return values !== null && isAnyIn(value, values)
    }
  },
  $notInGroup: (operand, path, compiler) => {
    const valuesIn = compileGroup(operand, path, compiler)
    return (value, { groups }) => {
      const values = valuesIn(groups)
      return values !== null && !isAnyIn(value, values)
    }
  },
  $all: compileAll(false),
  $alli: compileAll(true),
  $elemMatch(operand, path, compiler) {
    if (operand === null || operand === undefined) {
      compiler.problems.push({ path, code: 'BAD_OPERAND', message: 'must be a condition' })
      return (value) => (Array.isArray(value) ? unanswerable() : false)
    }
    const ofElements = { ...compiler, ofElements: true }
    const matches =
      typeof operand === 'object' && isOperatorObject(operand)
        ? compileValue(operand, path, ofElements)
        : compiler.compileMembers(operand, path, ofElements)
    return (value, scope) =>
      Array.isArray(value) && value.some((element) => isThere(element) && matches(element, scope))
  },
  $size(operand, path, compiler) {
    const matches = compileValue(operand, path, compiler)
    return (value, scope) => Array.isArray(value) && matches(value.length, scope)
  },
  $not(operand, path, compiler) {
    const matches = compileValue(operand, path, compiler)
    return (value, scope) => !matches(value, scope)
  },
  $regex: compileMatch(false),
  $regexi: compileMatch(true),
}

function isThere(value: unknown): boolean {
  return value !== null && value !== undefined
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return TYPES.includes(typeof value) ? typeof value : 'unknown'
}

/** Throws for an object whose own members hide how it becomes a text. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : `${value as string}`
}

function inLowerCase(value: unknown): unknown {
  return typeof value === 'string' ? value.toLowerCase() : value
}

/** Of a list, one element is enough. */
function isAnyIn(value: unknown, set: ReadonlySet<unknown>, fold?: (one: unknown) => unknown): boolean {
  if (!Array.isArray(value)) return set.has(fold === undefined ? value : fold(value))
  return value.some((element) => set.has(fold === undefined ? element : fold(element)))
}

function comparesVersions(compare: (actual: string, expected: string) => boolean): Operator {
  return (operand) => {
    const expected = comparableVersion(operand)
    return (value) => compare(comparableVersion(value), expected)
  }
}

function withList(compile: (list: readonly unknown[]) => Predicate): Operator {
  return (operand, path, { problems }) => {
    if (Array.isArray(operand)) return compile(operand)
    problems.push({ path, code: 'BAD_OPERAND', message: 'must be a list' })
    return () => false
  }
}

/** The group's values; looked up once for the groups of a snapshot, which are the same for every user. */
function compileGroup(
  operand: unknown,
  path: string,
  { groups, problems }: Compiler,
): (groups: SavedGroups) => ReadonlySet<unknown> | null {
  if (typeof operand === 'string') groups.push({ path, key: operand })
  else problems.push({ path, code: 'BAD_OPERAND', message: 'must be the key of a saved group' })
  let lastGroups: SavedGroups | undefined
  let lastValues: ReadonlySet<unknown> | null = null
  return (current) => {
    if (current !== lastGroups) {
      lastGroups = current
      lastValues = savedGroupValues(current, operand)
    }
    return lastValues
  }
}

/** Every element of the operand must be met by some element of the value. Case is ignored in plain texts only. */
function compileAll(ignoreCase: boolean): Operator {
  return (operand, path, compiler) => {
    if (!Array.isArray(operand)) {
      compiler.problems.push({ path, code: 'BAD_OPERAND', message: 'must be a list' })
      return () => false
    }
    countOperator(compiler, operand.length)
    const ofElements = { ...compiler, ofElements: true }
    const expected = operand.map((one, index) =>
      typeof one === 'string'
        ? compileEquality(one, ignoreCase)
        : compileValue(one, pointerTo(path, String(index)), ofElements),
    )
    return (value, scope) =>
      Array.isArray(value) && expected.every((matches) => value.some((element) => matches(element, scope)))
  }
}

function compileMatch(ignoreCase: boolean): Operator {
  return (operand, path, { problems }) => {
    if (typeof operand !== 'string') {
      problems.push({ path, code: 'BAD_OPERAND', message: 'must be a regular expression' })
      return () => false
    }
    const regex = compileRegex(operand, ignoreCase)
    if (regex.type === 'regex') return (value) => matchesText(regex.test, value)
    const code = regex.type === 'invalid' ? 'INVALID_REGEX' : 'UNSUPPORTED_REGEX'
    problems.push({ path, code, message: regex.message })
    return () => false
  }
}

/** Unlike the other operators, those of regular expressions are not met by what cannot become a text. */
function matchesText(test: (text: string) => boolean, value: unknown): boolean {
  try {
    return test(textOf(value))
  } catch {
    return false
  }
}
