/**
 * Reads JSON in UTF-8 as `JSON.stringify` writes it: without spaces. Each function is given where a value begins, and says
 * where it ends; `NOT_THERE` where another kind of value begins, or one that must be parsed to be judged.
 */
export const NOT_THERE = -1

const QUOTE = 0x22
const BACKSLASH = 0x5c
const MINUS = 0x2d
const PLUS = 0x2b
const DOT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const COMMA = 0x2c
const COLON = 0x3a
const SPACE = 0x20
const LOWER_E = 0x65
const LOWER_F = 0x66
const LOWER_N = 0x6e
const LOWER_T = 0x74
const LOWER_U = 0x75
const OBJECT_BEGIN = 0x7b
const OBJECT_END = 0x7d
const LIST_BEGIN = 0x5b
const LIST_END = 0x5d
/** Makes letters of ASCII lower case. */
const TO_LOWER = 0x20

const ESCAPES: ReadonlySet<number> = new Set(Buffer.from('"\\/bfnrt'))
const UNICODE_DIGITS = 4

const MAX_INT = 2 ** 31 - 1
const MIN_INT = -(2 ** 31)
/** So that a number is finite, whatever its digits are. */
const MAX_NUMBER_LENGTH = 40
const MAX_EXPONENT_DIGITS = 2
/** Of values that can have any form. */
const MAX_DEPTH = 64

const TRUE = Buffer.from('true')
const FALSE = Buffer.from('false')
export const NULL = Buffer.from('null')

/** Whether these bytes stand there. */
export function standsAt(expected: Uint8Array, bytes: Uint8Array, at: number): boolean {
  const { length } = expected
  if (at + length > bytes.length) return false
  for (let index = 0; index < length; index += 1) {
    if (bytes[at + index] !== expected[index]) return false
  }
  return true
}

export function endOfString(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== QUOTE) return NOT_THERE
  const { length } = bytes
  let next = at + 1
  while (next < length) {
    const byte = bytes[next] as number
    if (byte === QUOTE) return next + 1
    if (byte < SPACE) return NOT_THERE
    if (byte === BACKSLASH) {
      next = endOfEscape(bytes, next)
      if (next === NOT_THERE) return NOT_THERE
    } else next += 1
  }
  return NOT_THERE
}

function endOfEscape(bytes: Uint8Array, at: number): number {
  const kind = bytes[at + 1] ?? 0
  if (ESCAPES.has(kind)) return at + 2
  if (kind !== LOWER_U) return NOT_THERE
  const end = at + 2 + UNICODE_DIGITS
  for (let next = at + 2; next < end; next += 1) {
    const byte = bytes[next] ?? 0
    const letter = byte | TO_LOWER
    if (!isDigit(byte) && (letter < 0x61 || letter > 0x66)) return NOT_THERE
  }
  return end
}

/** An `Int` of GraphQL, without a fraction or an exponent. */
export function endOfInt(bytes: Uint8Array, at: number): number {
  const end = endOfInteger(bytes, at)
  if (end === NOT_THERE) return NOT_THERE
  const isNegative = bytes[at] === MINUS
  let value = 0
  for (let next = isNegative ? at + 1 : at; next < end; next += 1) {
    value = value * 10 + ((bytes[next] as number) - ZERO)
  }
  // -0 is written 0 where it is parsed.
  const isInt = isNegative ? value !== 0 && -value >= MIN_INT : value <= MAX_INT
  return isInt ? end : NOT_THERE
}

/** Any finite number. */
export function endOfNumber(bytes: Uint8Array, at: number): number {
  let end = endOfInteger(bytes, at)
  if (end === NOT_THERE) return NOT_THERE
  if (bytes[end] === DOT) {
    end = endOfDigits(bytes, end + 1)
    if (end === NOT_THERE) return NOT_THERE
  }
  if (((bytes[end] ?? 0) | TO_LOWER) === LOWER_E) {
    const sign = bytes[end + 1]
    const digits = sign === PLUS || sign === MINUS ? end + 2 : end + 1
    end = endOfDigits(bytes, digits)
    if (end === NOT_THERE || end - digits > MAX_EXPONENT_DIGITS) return NOT_THERE
  }
  return end - at > MAX_NUMBER_LENGTH ? NOT_THERE : end
}

function endOfInteger(bytes: Uint8Array, at: number): number {
  const digits = bytes[at] === MINUS ? at + 1 : at
  if (bytes[digits] === ZERO) return digits + 1
  const end = endOfDigits(bytes, digits)
  return end - digits > MAX_NUMBER_LENGTH ? NOT_THERE : end
}

/** At least one. */
function endOfDigits(bytes: Uint8Array, at: number): number {
  let end = at
  while (isDigit(bytes[end] ?? 0)) end += 1
  return end === at ? NOT_THERE : end
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE
}

export function endOfBoolean(bytes: Uint8Array, at: number): number {
  if (standsAt(TRUE, bytes, at)) return at + TRUE.length
  return standsAt(FALSE, bytes, at) ? at + FALSE.length : NOT_THERE
}

/** Any value. */
export function endOfValue(bytes: Uint8Array, at: number, depth = 0): number {
  switch (bytes[at]) {
    case QUOTE:
      return endOfString(bytes, at)
    case OBJECT_BEGIN:
    case LIST_BEGIN:
      return depth === MAX_DEPTH ? NOT_THERE : endOfMembers(bytes, at, depth)
    case LOWER_N:
      return standsAt(NULL, bytes, at) ? at + NULL.length : NOT_THERE
    case LOWER_T:
    case LOWER_F:
      return endOfBoolean(bytes, at)
    default:
      return endOfNumber(bytes, at)
  }
}

/** An object or a list. */
function endOfMembers(bytes: Uint8Array, at: number, depth: number): number {
  const isObject = bytes[at] === OBJECT_BEGIN
  const end = isObject ? OBJECT_END : LIST_END
  let next = at + 1
  if (bytes[next] === end) return next + 1
  while (next !== NOT_THERE) {
    if (isObject) {
      next = endOfString(bytes, next)
      if (next === NOT_THERE || bytes[next] !== COLON) return NOT_THERE
      next += 1
    }
    next = endOfValue(bytes, next, depth + 1)
    if (next === NOT_THERE) return NOT_THERE
    if (bytes[next] === end) return next + 1
    if (bytes[next] !== COMMA) return NOT_THERE
    next += 1
  }
  return NOT_THERE
}
