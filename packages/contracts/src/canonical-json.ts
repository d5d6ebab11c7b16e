import { hash } from 'node:crypto'
import { isPlainObject, type JsonValue, MAX_JSON_DEPTH } from './json.ts'

/** Enough for a value of `MAX_JSON_DEPTH` within a message. Deeper input is refused, before it exhausts the stack. */
export const MAX_CANONICAL_DEPTH = 2 * MAX_JSON_DEPTH

/** A value that RFC 8785 cannot write. `path` is a JSON Pointer to it. */
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
 * of their names, strings and numbers as in ECMAScript. Equal values give equal text, whoever writes it, and so equal
 * hashes and signatures.
 *
 * @throws CanonicalJsonError for values without a canonical form (lone surrogates, NaN, infinities, undefined, functions,
 *   symbols, bigints, instances of classes) and for more than `MAX_CANONICAL_DEPTH` levels of nesting
 */
export function canonicalJson(value: JsonValue): string {
  return write(value, [])
}

/** SHA-256 of the canonical JSON, hex. @throws CanonicalJsonError */
export function canonicalHash(value: JsonValue): string {
  return hash('sha256', canonicalJson(value), 'hex')
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

/** For well-formed strings, `JSON.stringify` escapes exactly as RFC 8785 section 3.2.2.2 demands. */
function writeString(value: string, path: (string | number)[]): string {
  if (!value.isWellFormed()) throw refusal(path, 'holds a lone surrogate')
  return JSON.stringify(value)
}

function writeArray(array: readonly unknown[], path: (string | number)[]): string {
  const parts: string[] = []
  // By index, since an iteration by method would skip the holes of an array, which have to be refused.
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
  // The default sort order is by UTF-16 code units, as section 3.2.3 demands.
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
