import { isRecord } from '@bulkhead/service/json'

/** JSON that is the same for objects with the same fields, in whatever order they are. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (!isRecord(value)) return JSON.stringify(value ?? null)
  const fields = Object.keys(value).map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`)
  return `{${fields.sort().join(',')}}`
}
