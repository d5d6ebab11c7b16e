/**
 * Objects that come from a subgraph have the keys that a client chose, and a client may choose `__proto__` or
 * `constructor` as an alias. These read and write such keys as data.
 */
export type JsonObject = { [key: string]: unknown }

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Keys that plain property access would find on, or write to, every object's prototype. */
export function isInherited(key: string): boolean {
  return key in Object.prototype
}

export function getOwn(object: JsonObject, key: string): unknown {
  return isInherited(key) && !Object.hasOwn(object, key) ? undefined : object[key]
}

export function setOwn(object: JsonObject, key: string, value: unknown): void {
  if (isInherited(key)) {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
  } else {
    object[key] = value
  }
}
