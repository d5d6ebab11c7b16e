import { type JsonObject, jsonObjectSchema, validateCondition } from '@bulkhead/contracts'
import type { InputProblem } from './input-problems.ts'

/**
 * Reads a condition on attributes; null and absent are none. There are no saved groups yet, so a condition that names one
 * is refused.
 */
export function readCondition(
  raw: unknown,
  field: string,
): { readonly condition: JsonObject | null; readonly problems: readonly InputProblem[] } {
  if (raw === null || raw === undefined) return { condition: null, problems: [] }
  const parsed = jsonObjectSchema.safeParse(raw)
  if (!parsed.success) {
    const message = parsed.error.issues[0]?.message ?? 'is not a condition'
    return { condition: null, problems: [{ path: [field], message }] }
  }
  const problems = validateCondition(parsed.data, []).map(({ path, message }) => ({
    path: [field, ...path.split('/').filter((part) => part !== '')],
    message,
  }))
  return { condition: parsed.data, problems }
}
