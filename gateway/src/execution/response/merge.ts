import { getOwn, isJsonObject, type JsonObject, setOwn } from './own.ts'

/**
 * Adds the fields of `source` to `target`, whose own fields stay: objects are merged, lists of equal length element by
 * element, anything else is replaced. `source` may become a part of `target`.
 */
export function mergeInto(target: JsonObject, source: JsonObject): void {
  for (const key of Object.keys(source)) {
    const added = source[key]
    const present = getOwn(target, key)
    if (isJsonObject(present) && isJsonObject(added)) mergeInto(present, added)
    else if (Array.isArray(present) && Array.isArray(added) && present.length === added.length) {
      mergeLists(present, added)
    } else setOwn(target, key, added)
  }
}

function mergeLists(target: unknown[], source: readonly unknown[]): void {
  for (const [index, added] of source.entries()) {
    const present = target[index]
    if (isJsonObject(present) && isJsonObject(added)) mergeInto(present, added)
    else if (Array.isArray(present) && Array.isArray(added) && present.length === added.length) {
      mergeLists(present, added)
    } else target[index] = added
  }
}

/** A deep copy of JSON. */
export function copyJson<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(copyJson) as Value
  if (!isJsonObject(value)) return value
  const copy: JsonObject = {}
  for (const key of Object.keys(value)) setOwn(copy, key, copyJson(value[key]))
  return copy as Value
}
