/** Half of the surrogate pairs' code units; a regular expression without the flag `u` sees each half as a character. */
const FIRST_SURROGATE = 0xd800
const LAST_SURROGATE = 0xdfff
const LAST_CODE_UNIT = 0xffff
const SURROGATES = /[\ud800-\udfff]/g
const NOT_ASCII = /[^\0-\x7f]/
/** Where surrogates are moved to: a private plane, which no text in code units can name. */
const PRIVATE_PLANE = 0x100000

/** Inclusive ranges of UTF-16 code units, in any order, possibly overlapping. */
export type CodeUnits = readonly (readonly [from: number, to: number])[]

export const DIGITS: CodeUnits = [[0x30, 0x39]]
export const WORD: CodeUnits = [...DIGITS, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]]
/** White space and line ends of ECMAScript. */
export const SPACE: CodeUnits = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
]
export const LINE_ENDS: CodeUnits = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
]

/** Everything that is not in the set. */
export function complement(units: CodeUnits): CodeUnits {
  const gaps: [number, number][] = []
  let next = 0
  for (const [from, to] of merged(units)) {
    if (from > next) gaps.push([next, from - 1])
    next = to + 1
  }
  if (next <= LAST_CODE_UNIT) gaps.push([next, LAST_CODE_UNIT])
  return gaps
}

const foldedSets = new WeakMap<CodeUnits, CodeUnits>()

/**
 * The set with every unit also as `foldCase` writes it; made once per set. The units themselves stay in it: a folded text
 * has none of them, and without the gaps that they would leave, a class is short.
 */
export function withFolded(units: CodeUnits): CodeUnits {
  const known = foldedSets.get(units)
  if (known !== undefined) return known
  const made = addFolded(units)
  foldedSets.set(units, made)
  return made
}

function addFolded(units: CodeUnits): CodeUnits {
  const folded: [number, number][] = []
  for (const [from, to] of merged(units)) {
    for (let unit = from; unit <= to; unit++) {
      const image = foldUnit(unit)
      const last = folded.at(-1)
      if (last !== undefined && image === last[1] + 1) last[1] = image
      else folded.push([image, image])
    }
  }
  return merged([...units, ...folded])
}

/** A text as a regular expression with the flag `i` compares it: each code unit in upper case, where that is one unit. */
export function foldCase(text: string): string {
  if (!NOT_ASCII.test(text)) return text.toUpperCase()
  let folded = ''
  for (let index = 0; index < text.length; index++) {
    folded += String.fromCharCode(foldUnit(text.charCodeAt(index)))
  }
  return folded
}

function foldUnit(unit: number): number {
  foldTable ??= Uint16Array.from({ length: LAST_CODE_UNIT + 1 }, (_, index) => canonicalize(index))
  return foldTable[unit] ?? unit
}

/** Made when it is first needed: few conditions ignore case. */
let foldTable: Uint16Array | undefined

/** ECMAScript's Canonicalize: upper case, unless that has several units or takes a letter from outside ASCII into it. */
function canonicalize(unit: number): number {
  const upper = String.fromCharCode(unit).toUpperCase()
  if (upper.length !== 1) return unit
  const folded = upper.charCodeAt(0)
  return unit >= 0x80 && folded < 0x80 ? unit : folded
}

/** The text with each half of a surrogate pair as a character of its own, as `classOf` writes them. */
export function separateSurrogates(text: string): string {
  return text.replace(SURROGATES, (half) => String.fromCodePoint(PRIVATE_PLANE + half.charCodeAt(0)))
}

/** The set as a character class of RE2, in characters as `separateSurrogates` writes them. */
export function classOf(units: CodeUnits): string {
  const ranges = merged(units).flatMap(([from, to]) => [
    ...rangeText(from, Math.min(to, FIRST_SURROGATE - 1), 0),
    ...rangeText(Math.max(from, FIRST_SURROGATE), Math.min(to, LAST_SURROGATE), PRIVATE_PLANE),
    ...rangeText(Math.max(from, LAST_SURROGATE + 1), to, 0),
  ])
  // RE2 has no empty class, but the complement of everything is one.
  return ranges.length === 0 ? '[^\\x{0}-\\x{10ffff}]' : `[${ranges.join('')}]`
}

function rangeText(from: number, to: number, shift: number): string[] {
  if (from > to) return []
  return [`\\x{${(from + shift).toString(16)}}-\\x{${(to + shift).toString(16)}}`]
}

/** Sorted, and without overlaps. */
function merged(units: CodeUnits): [number, number][] {
  const result: [number, number][] = []
  for (const [from, to] of [...units].sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1)
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to)
    else result.push([from, to])
  }
  return result
}
