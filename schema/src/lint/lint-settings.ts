import { suggestionList } from 'graphql/jsutils/suggestionList.js'
import type { ZodError } from 'zod'
import type { LintConfig } from '../config/check-config.ts'
import { CannotCheckError, type Problem } from '../model/cannot-check.ts'
import { type CoordinatePattern, coordinatePattern } from './coordinate-pattern.ts'
import type { LintLevel, LintRule } from './rule.ts'
import { LINT_RULES } from './rules.ts'

/** A rule that is on, with its level and options. */
export type ActiveRule = {
  readonly rule: LintRule
  readonly level: LintLevel
  readonly options: unknown
  readonly ignore: readonly CoordinatePattern[]
}

/**
 * The rules that are on: the recommended setting with what the configuration changes.
 * @throws CannotCheckError with every rule and option that there is not, and the nearest name.
 */
export function activeRules(config: LintConfig): readonly ActiveRule[] {
  const problems: Problem[] = []
  const names = LINT_RULES.map(({ name }) => name)
  for (const [name, { location = null }] of config.rules) {
    if (names.includes(name)) continue
    problems.push({
      location,
      message: `There is no lint rule "${name}"`,
      expected: nearestOf(name, names),
    })
  }
  const active: ActiveRule[] = []
  for (const rule of LINT_RULES) {
    const setting = config.rules.get(rule.name)
    const options = rule.options.safeParse(setting?.options ?? {})
    if (!options.success) {
      const location = setting?.location ?? null
      problems.push(...optionProblems(rule, options.error).map((problem) => ({ ...problem, location })))
    } else if (setting?.level !== 'off') {
      const { ignore } = options.data as { readonly ignore: readonly string[] }
      const level = setting?.level ?? rule.recommended
      active.push({ rule, level, options: options.data, ignore: ignore.map(coordinatePattern) })
    }
  }
  if (problems.length > 0) throw new CannotCheckError(problems)
  return active
}

function optionProblems(rule: LintRule, { issues }: ZodError): readonly Omit<Problem, 'location'>[] {
  const options = Object.keys(rule.options.shape)
  return issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          message: `The lint rule "${rule.name}" has no option "${key}"`,
          expected: nearestOf(key, options),
        }))
      : [
          {
            message: `The option "${issue.path.join('.')}" of the lint rule "${rule.name}" is wrong`,
            expected: issue.message,
          },
        ],
  )
}

function nearestOf(name: string, names: readonly string[]): string {
  const [nearest] = suggestionList(name, names)
  return nearest === undefined
    ? `one of ${names.join(', ')}`
    : `"${nearest}", the nearest of ${names.join(', ')}`
}
