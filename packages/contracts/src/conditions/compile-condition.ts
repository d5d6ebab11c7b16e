import { isPlainObject } from '../json.ts'
import { compilePath } from './attribute-path.ts'
import { compileValue } from './compile-value.ts'
import {
  type CompiledCondition,
  type Compiler,
  type ConditionProblem,
  countOperator,
  every,
  isDeeperThan,
  MAX_CONDITION_DEPTH,
  MAX_CONDITION_OPERATORS,
  MAX_ELEMENT_OPERATORS,
  type Predicate,
  pointerTo,
  unanswerable,
} from './compiled-condition.ts'
import { savedGroup, setOf } from './saved-groups.ts'

/** An attribute of GrowthBook's own, which only looks like an operator. */
const GROUPS_ATTRIBUTE = '$groups'

const compiled = new WeakMap<object, CompiledCondition>()

/**
 * Compiles a condition, once per object: do not change one that was passed in. Never throws; what is wrong is in
 * `problems`, and the condition still answers as GrowthBook's SDK does, as far as that makes sense.
 */
export function compileCondition(condition: unknown): CompiledCondition {
  if (typeof condition !== 'object' || condition === null) return compile(condition)
  const known = compiled.get(condition)
  if (known !== undefined) return known
  const made = compile(condition)
  compiled.set(condition, made)
  return made
}

function compile(condition: unknown): CompiledCondition {
  if (isDeeperThan(condition, MAX_CONDITION_DEPTH)) {
    const message = `is nested deeper than ${MAX_CONDITION_DEPTH} levels`
    return { matches: unanswerable, problems: [{ path: '', code: 'TOO_DEEP', message }], groups: [] }
  }
  const problems: ConditionProblem[] = []
  const groups: { path: string; key: string }[] = []
  const operators = { all: 0, ofElements: 0 }
  const compiler: Compiler = { problems, groups, compileMembers, operators, ofElements: false }
  const matches = compileMembers(condition, '', compiler)
  return { matches, problems: [...problems, ...tooManyOperators(compiler)], groups }
}

function tooManyOperators({ operators }: Compiler): ConditionProblem[] {
  const tooLarge = (message: string): ConditionProblem => ({ path: '', code: 'TOO_LARGE', message })
  return [
    ...(operators.all > MAX_CONDITION_OPERATORS
      ? [tooLarge(`has more than ${MAX_CONDITION_OPERATORS} operators; long lists belong into saved groups`)]
      : []),
    ...(operators.ofElements > MAX_ELEMENT_OPERATORS
      ? [tooLarge(`has more than ${MAX_ELEMENT_OPERATORS} operators within "$all" and "$elemMatch"`)]
      : []),
  ]
}

/** A condition on an object: each member is a logical operator, or a path and the condition on what is there. */
function compileMembers(condition: unknown, path: string, compiler: Compiler): Predicate {
  if (condition === null || condition === undefined || typeof condition !== 'object') {
    compiler.problems.push({ path, code: 'NOT_AN_OBJECT', message: 'must be an object' })
    if (condition === null || condition === undefined) return unanswerable
  } else if (!isPlainObject(condition)) {
    compiler.problems.push({ path, code: 'NOT_AN_OBJECT', message: 'must be an object' })
  }
  return every(
    Object.entries(condition).map(([name, operand]) =>
      compileMember(name, operand, pointerTo(path, name), compiler),
    ),
  )
}

function compileMember(name: string, operand: unknown, path: string, compiler: Compiler): Predicate {
  countOperator(compiler)
  switch (name) {
    case '$and':
      return every(compileList(operand, path, compiler))
    case '$or':
      return some(compileList(operand, path, compiler))
    case '$nor':
      return not(some(compileList(operand, path, compiler)))
    case '$not':
      return not(compileMembers(operand, path, compiler))
    case '$savedGroup':
      return compileSavedGroup(operand, path, compiler)
  }
  if (name.startsWith('$') && name !== GROUPS_ATTRIBUTE) {
    compiler.problems.push({ path, code: 'UNKNOWN_OPERATOR', message: `"${name}" is not a logical operator` })
  }
  const read = compilePath(name)
  const test = compileValue(operand, path, compiler)
  return (value, scope) => test(read(value), scope)
}

function compileList(operand: unknown, path: string, compiler: Compiler): Predicate[] {
  if (!Array.isArray(operand)) {
    compiler.problems.push({ path, code: 'BAD_OPERAND', message: 'must be a list of conditions' })
    return operand === null || operand === undefined ? [unanswerable] : []
  }
  return operand.map((one, index) => compileMembers(one, pointerTo(path, String(index)), compiler))
}

/**
 * GrowthBook's reference to a saved group of its second format, which is a list with its own attribute or a condition.
 * What cannot be read matches nobody.
 */
function compileSavedGroup(reference: unknown, path: string, { problems }: Compiler): Predicate {
  problems.push({
    path,
    code: 'UNKNOWN_OPERATOR',
    message: 'groups of snapshots are lists: use "$inGroup" or "$notInGroup" on an attribute',
  })
  if (!isPlainObject(reference) || typeof reference.id !== 'string') return never
  const { id, attributeKey } = reference
  if (attributeKey !== undefined && typeof attributeKey !== 'string') return never

  return (value, scope) => {
    if (scope.visited.includes(id) || scope.visited.length >= MAX_CONDITION_DEPTH) return false
    const group = savedGroup(scope.groups, id)
    if (!isPlainObject(group)) return false
    if (group.type === 'condition') {
      if (typeof group.condition !== 'object' || group.condition === null) return false
      const inner = compileCondition(group.condition)
      return inner.matches(value, { groups: scope.groups, visited: [...scope.visited, id] })
    }
    const key = attributeKey ?? group.attributeKey
    if (group.type !== 'list' || typeof key !== 'string' || !Array.isArray(group.values)) return false
    const values = setOf(group.values)
    const actual = compilePath(key)(value)
    return Array.isArray(actual) ? actual.some((one) => values.has(one)) : values.has(actual)
  }
}

/** Like GrowthBook's `$or`: met where the list is empty. */
function some(predicates: readonly Predicate[]): Predicate {
  if (predicates.length === 0) return () => true
  return (value, scope) => {
    for (const predicate of predicates) if (predicate(value, scope)) return true
    return false
  }
}

function not(predicate: Predicate): Predicate {
  return (value, scope) => !predicate(value, scope)
}

function never(): boolean {
  return false
}
