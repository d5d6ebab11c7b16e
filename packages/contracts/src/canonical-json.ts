import { isPlainObject, type JsonValue, MAX_JSON_DEPTH } from './json.ts'

/** Room for a `MAX_JSON_DEPTH` value and the message around it; deeper input is refused, not left to the stack. */
export const MAX_CANONICAL_DEPTH = 2 * MAX_JSON_DEPTH

/** What RFC 8785 cannot write: `path` is a JSON Pointer to the place. */
export class CanonicalJsonError extends Error {
  readonly path: string

  constructor(path: string, problem: string) {
    super(`canonical JSON: ${path === '' ? 'the value' : path} ${problem}`)
    this.name = 'CanonicalJsonError'
    this.path = path
  }
}

/**
 * Writes a value as RFC 8785 (JSON Canonicalization Scheme): no white space, members sorted by the UTF-16 code units
 * of their names, strings and numbers as ECMAScript writes them. Equal values give equal text, so that a hash or a
 * signature over it does not depend on who wrote it.
 *
 * Throws `CanonicalJsonError` for what JSON has no canonical form for (lone surrogates, NaN, infinities, undefined,
 * functions, symbols, bigints, instances of classes) and for more than `MAX_CANONICAL_DEPTH` levels of nesting.
 */
export function canonicalJson(value: JsonValue): string {
  return write(value, [])
}

function write(value: unknown, path: (string | number)[]): string {
  switch (typeof value) {
    case 'string':
      return writeString(value, path)
    case 'number':
      if (!Number.isFinite(value)) throw refusal(path, `is ${value}, which JSON cannot express`)
      return JSON.stringify(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      if (value === null) return 'null'
      if (path.length >= MAX_CANONICAL_DEPTH)
        throw refusal(path, `is nested deeper than ${MAX_CANONICAL_DEPTH} levels`)
      return Array.isArray(value) ? writeArray(value, path) : writeObject(value, path)
    default:
      throw refusal(path, `is of type ${typeof value}, which JSON cannot express`)
  }
}

/** `JSON.stringify` escapes exactly what RFC 8785 section 3.2.2.2 asks for, once the string is well-formed. */
function writeString(value: string, path: (string | number)[]): string {
  if (!value.isWellFormed()) throw refusal(path, 'holds a lone surrogate')
  return JSON.stringify(value)
}

function writeArray(array: readonly unknown[], path: (string | number)[]): string {
  const parts: string[] = []
  // By index: a hole in the array must be seen, and refused as undefined.
  for (let index = 0; index < array.length; index++) {
    path.push(index)
    parts.push(write(array[index], path))
    path.pop()
  }
  return `[${parts.join(',')}]`
}

function writeObject(object: object, path: (string | number)[]): string {
  if (!isPlainObject(object)) throw refusal(path, 'is not a plain object')
  const parts: string[] = []
  // The default sort order is by UTF-16 code units, as section 3.2.3 asks for.
  for (const name of Object.keys(object).sort()) {
    path.push(name)
    parts.push(`${writeString(name, path)}:${write(object[name], path)}`)
    path.pop()
  }
  return `{${parts.join(',')}}`
}

function refusal(path: readonly (string | number)[], problem: string): CanonicalJsonError {
  const pointer = path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
  return new CanonicalJsonError(pointer.toWellFormed(), problem)
}
