import { evaluateCondition, type JsonObject, jsonObjectSchema } from '@bulkhead/contracts'
import { NO_ATTRIBUTES } from './attribute-dictionary.ts'

/** Attributes of the dictionary: their id, and their JSON text. */
export type AttributeText = { readonly id: string; readonly text: string }

/**
 * The ids of the attributes that meet a filter, in the operators of targeting. An event without attributes is taken as
 * one with none of them, so it meets `{"coupon": {"$exists": false}}`.
 */
export function matchingIds(filter: JsonObject, texts: readonly AttributeText[]): string[] {
  const matches = texts.filter(({ text }) => evaluateCondition(filter, readAttributes(text)))
  return [...(evaluateCondition(filter, {}) ? [String(NO_ATTRIBUTES)] : []), ...matches.map(({ id }) => id)]
}

/**
 * The segment that attributes belong to: texts are taken as they are, numbers and booleans as JSON text; null for
 * everything else, and where the attribute is absent.
 */
export function segmentOf(attributes: JsonObject, name: string): string | null {
  const value = Object.hasOwn(attributes, name) ? attributes[name] : null
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? JSON.stringify(value) : null
}

export function readAttributes(text: string): JsonObject {
  return jsonObjectSchema.parse(JSON.parse(text))
}
