import type { JsonObject, JsonValue } from '../json.ts'
import { compileCondition } from './compile-condition.ts'
import { type ConditionProblem, matchesCondition } from './compiled-condition.ts'
import type { SavedGroups } from './saved-groups.ts'

/** Upper bound on the characters of a condition's JSON. Long lists belong into saved groups. */
export const MAX_CONDITION_LENGTH = 65_536

/**
 * Whether attributes meet a targeting condition, in GrowthBook's Mongo-style operators and with the answers of its SDK
 * 1.8.0, corner cases included. Members of a condition must all be met; `{}` is met by everyone.
 *
 * - On the object: `$and`, `$or`, `$nor`, `$not`, `$savedGroup`, and dotted paths.
 * - On a value: equality (a text or number converts the attribute), `$eq $ne $lt $lte $gt $gte $in $nin $ini $nini
 *   $inGroup $notInGroup $all $alli $elemMatch $size $exists $type $regex $regexi $not $veq $vne $vgt $vgte $vlt $vlte`.
 *
 * Never throws, and takes time linear in the attributes for a condition without problems. Where it differs from the SDK:
 * - Only own properties are found.
 * - What the SDK throws for matches nobody, and so do conditions nested deeper than `MAX_CONDITION_DEPTH`.
 * - Regular expressions with lookaround or back-references match nothing, as invalid ones do; nor do large ones on long
 *   texts (`compileRegex`).
 *
 * The condition and the groups are compiled once per object: do not change what was passed in.
 */
export function evaluateCondition(
  condition: JsonValue,
  attributes: JsonObject,
  savedGroups: SavedGroups = {},
): boolean {
  return matchesCondition(compileCondition(condition).matches, attributes, savedGroups)
}

/**
 * What is wrong with a condition, for whoever writes it; empty where the evaluator assigns by it. An experiment whose
 * condition has a problem is UNSUPPORTED.
 * @param savedGroupKeys the groups that there are; without them their names are not checked
 */
export function validateCondition(
  condition: JsonValue,
  savedGroupKeys?: Iterable<string>,
): ConditionProblem[] {
  const { problems, groups } = compileCondition(condition)
  if (problems.some(({ code }) => code === 'TOO_DEEP')) return [...problems]
  const found = [...problems]
  if (JSON.stringify(condition).length > MAX_CONDITION_LENGTH) {
    const message = `is longer than ${MAX_CONDITION_LENGTH} characters`
    found.push({ path: '', code: 'TOO_LARGE', message })
  }
  if (savedGroupKeys === undefined) return found
  const known = new Set(savedGroupKeys)
  const unknown = groups.filter(({ key }) => !known.has(key))
  return [
    ...found,
    ...unknown.map(
      ({ path, key }): ConditionProblem => ({
        path,
        code: 'UNKNOWN_GROUP',
        message: `there is no saved group "${key}"`,
      }),
    ),
  ]
}

/** The saved groups that a condition names, each once. */
export function savedGroupKeys(condition: JsonValue): string[] {
  return [...new Set(compileCondition(condition).groups.map(({ key }) => key))]
}
