import { type JsonObject, jsonObjectSchema } from '@bulkhead/contracts'

/** @throws where the text is no JSON object */
export function readJsonObject(text: string): JsonObject {
  return jsonObjectSchema.parse(JSON.parse(text))
}
