import { keySchema } from '@bulkhead/contracts'

export type InputProblem = {
  /** Where in the input, such as `['variants', '0', 'weight']`. */
  readonly path: readonly string[]
  readonly message: string
}

/** All problems of the input. */
export type InvalidInput = { readonly type: 'invalid-input'; readonly problems: readonly InputProblem[] }

/** One problem with its place, such as `variants.0.weight must not be negative`. */
export function describeProblem({ path, message }: InputProblem): string {
  return `${path.join('.')} ${message}`.trimStart()
}

export function describeProblems(problems: readonly InputProblem[]): string {
  return problems.map(describeProblem).join('; ')
}

/** Upper bound on the characters of a name for people. */
const MAX_NAME_LENGTH = 200

export function checkName(name: string, path: readonly string[]): InputProblem[] {
  return checkText(name, MAX_NAME_LENGTH, path)
}

export function checkKey(key: string, path: readonly string[]): InputProblem[] {
  const parsed = keySchema.safeParse(key)
  return parsed.success ? [] : [{ path, message: parsed.error.issues[0]?.message ?? 'is not a key' }]
}

export function checkText(text: string, maxLength: number, path: readonly string[]): InputProblem[] {
  if (text.trim() === '') return [{ path, message: 'must not be empty' }]
  if (text.length > maxLength) return [{ path, message: `must not be longer than ${maxLength} characters` }]
  // Datastores write UTF-8, and would give back another character for a lone surrogate.
  if (!text.isWellFormed()) return [{ path, message: 'holds a lone surrogate' }]
  return []
}
