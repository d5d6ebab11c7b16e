import { z } from 'zod'

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject
export type JsonObject = { readonly [key: string]: JsonValue }

/** Upper bound on the nesting of a free-form value in a contract. Deeper input is refused, before it exhausts the stack. */
export const MAX_JSON_DEPTH = 64

/**
 * Not `z.json()`, which throws on deep nesting and drops members named `__proto__`. Accepts only what `canonicalJson` can
 * write. The parsed value is the input itself, not a copy.
 */
export const jsonValueSchema: z.ZodType<JsonValue> = z.custom<JsonValue>(
  (value) => isJsonValue(value, MAX_JSON_DEPTH),
  `must be JSON of well-formed text, at most ${MAX_JSON_DEPTH} levels deep`,
)

export const jsonObjectSchema: z.ZodType<JsonObject> = z.custom<JsonObject>(
  isJsonObject,
  `must be a JSON object of well-formed text, at most ${MAX_JSON_DEPTH} levels deep`,
)

/** What `jsonObjectSchema` accepts. */
export function isJsonObject(value: unknown): value is JsonObject {
  return isPlainObject(value) && isJsonValue(value, MAX_JSON_DEPTH)
}

/** True for objects made by `JSON.parse` or a literal; false for arrays, null and instances of classes. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function isJsonValue(value: unknown, levels: number): boolean {
  if (value === null || typeof value === 'boolean') return true
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value === 'number') return Number.isFinite(value)
  if (levels === 0) return false
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      if (!isJsonValue(value[index], levels - 1)) return false
    }
    return true
  }
  if (!isPlainObject(value)) return false
  for (const name of Object.keys(value)) {
    if (!name.isWellFormed() || !isJsonValue(value[name], levels - 1)) return false
  }
  return true
}
