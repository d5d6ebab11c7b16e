import { type JsonObject, jsonObjectSchema, validateCondition } from '@bulkhead/contracts'
import type { InputProblem } from './input-problems.ts'

/**
 * Reads a condition on attributes; null and absent are none, and so is `{}`, which everybody meets.
 * @param savedGroups keys of the groups that it may name
 */
export function readCondition(
  raw: unknown,
  field: string,
  savedGroups: Iterable<string> = [],
): { readonly condition: JsonObject | null; readonly problems: readonly InputProblem[] } {
  if (raw === null || raw === undefined) return { condition: null, problems: [] }
  const parsed = jsonObjectSchema.safeParse(raw)
  if (!parsed.success) {
    const message = parsed.error.issues[0]?.message ?? 'is not a condition'
    return { condition: null, problems: [{ path: [field], message }] }
  }
  const problems = validateCondition(parsed.data, savedGroups).map(({ path, message }) => ({
    path: [field, ...pointerParts(path)],
    message,
  }))
  return { condition: Object.keys(parsed.data).length === 0 ? null : parsed.data, problems }
}

/** The members that a JSON Pointer goes through. */
function pointerParts(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}
