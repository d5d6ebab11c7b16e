import {
  type CodeUnits,
  classOf,
  complement,
  DIGITS,
  LINE_ENDS,
  SPACE,
  WORD,
  withFolded,
} from './code-units.ts'

/** A pattern that RE2 cannot run in linear time, or that this translation does not know. */
export class UnsupportedPatternError extends Error {}

const CONTROL_ESCAPES: Readonly<Record<string, number>> = { f: 0x0c, n: 0x0a, r: 0x0d, t: 0x09, v: 0x0b }
const CLASS_ESCAPES: Readonly<Record<string, CodeUnits>> = {
  d: DIGITS,
  D: complement(DIGITS),
  s: SPACE,
  S: complement(SPACE),
  w: WORD,
  W: complement(WORD),
}
const QUANTIFIER = /[*+?]|\{(\d+)(,(\d*))?\}/y
const GROUP_NAME = /\?<[^=!>][^>]*>/y
const BACKSPACE = 0x08
/** Each takes an instruction at least, so more would be refused after they were compiled. RE2's own limit is 1,000. */
const MAX_REPETITIONS = 500

/**
 * Writes a regular expression of ECMAScript (without the flag `u`) in RE2's syntax, such that both match the same texts.
 * The texts must have passed `separateSurrogates`, and before it `foldCase` where case is ignored. Every character is
 * written as a class of its own, because the two dialects differ in what escapes, `.`, `\s` and ignored case mean.
 *
 * @param source a pattern that `new RegExp(source)` accepts
 * @throws UnsupportedPatternError for lookaround, back-references and what only old scripts write (octal escapes)
 */
export function translatePattern(source: string, ignoreCase: boolean): string {
  let at = 0
  let translated = ''
  const writeClass = ({ units, inverted = false }: CharacterClass): void => {
    // Folded first: a character is outside a class where no member is equal to it but for case.
    const members = ignoreCase ? withFolded(units) : units
    translated += classOf(inverted ? complement(members) : members)
  }

  while (at < source.length) {
    const character = source.charAt(at)
    QUANTIFIER.lastIndex = at
    const quantifier = QUANTIFIER.exec(source)
    if (quantifier !== null) {
      translated += quantifierText(quantifier)
      at += quantifier[0].length
      // Lazy or greedy, the same texts match.
      if (source.charAt(at) === '?') at++
      continue
    }
    at++
    switch (character) {
      case '^':
        translated += '\\A'
        break
      case '$':
        translated += '\\z'
        break
      case '|':
      case ')':
        translated += character
        break
      case '(':
        translated += '(?:'
        at += groupPrefixLength(source, at)
        break
      case '.':
        writeClass({ units: LINE_ENDS, inverted: true })
        break
      case '[': {
        const read = readClass(source, at)
        writeClass(read)
        at = read.end
        break
      }
      case '\\': {
        const next = source.charAt(at)
        if (next === 'b' || next === 'B') {
          translated += `\\${next}`
          at++
          break
        }
        const read = readEscape(source, at)
        writeClass(read)
        at = read.end
        break
      }
      default:
        writeClass({ units: one(character.charCodeAt(0)) })
    }
  }
  return translated
}

/** RE2 takes a count with leading zeros, or one that it cannot read, for text. */
function quantifierText([text, min, comma, max]: RegExpExecArray): string {
  if (min === undefined) return text
  const counts = [min, max].filter((count) => count !== undefined && count !== '').map(Number)
  if (counts.some((count) => count > MAX_REPETITIONS)) {
    throw new UnsupportedPatternError(`more than ${MAX_REPETITIONS} repetitions are not supported`)
  }
  if (comma === undefined) return `{${counts[0]}}`
  return `{${counts[0]},${counts[1] ?? ''}}`
}

/** Of what follows the parenthesis: nothing, `?:` or a name. Nothing is captured, since only a match counts. */
function groupPrefixLength(source: string, at: number): number {
  if (source.charAt(at) !== '?') return 0
  if (source.charAt(at + 1) === ':') return 2
  GROUP_NAME.lastIndex = at
  const name = GROUP_NAME.exec(source)
  if (name !== null) return name[0].length
  throw new UnsupportedPatternError('lookahead, lookbehind and flags within a pattern are not supported')
}

type CharacterClass = { readonly units: CodeUnits; readonly inverted?: boolean }
type Read = CharacterClass & { readonly end: number }

/** @param at after the opening bracket */
function readClass(source: string, at: number): Read {
  const inverted = source.charAt(at) === '^'
  const units: CodeUnits[number][] = []
  let index = inverted ? at + 1 : at
  while (source.charAt(index) !== ']') {
    const from = readClassAtom(source, index)
    index = from.end
    if (source.charAt(index) !== '-' || source.charAt(index + 1) === ']') {
      units.push(...from.units)
      continue
    }
    const to = readClassAtom(source, index + 1)
    index = to.end
    const [first, last] = [singleOf(from), singleOf(to)]
    // With a set on either side, such as `\w-z`, the hyphen is itself.
    if (first === null || last === null) units.push(...from.units, ...one(0x2d), ...to.units)
    else units.push([first, last])
  }
  return { units, inverted, end: index + 1 }
}

function readClassAtom(source: string, at: number): Read & { readonly isSet?: boolean } {
  if (source.charAt(at) !== '\\') return { units: one(source.charCodeAt(at)), end: at + 1 }
  const next = source.charAt(at + 1)
  if (next === 'b') return { units: one(BACKSPACE), end: at + 2 }
  return { ...readEscape(source, at + 1), isSet: Object.hasOwn(CLASS_ESCAPES, next) }
}

function singleOf({ units, isSet }: Read & { readonly isSet?: boolean }): number | null {
  return isSet === true ? null : (units[0]?.[0] ?? null)
}

/** @param at after the backslash */
function readEscape(source: string, at: number): Read {
  const character = source.charAt(at)
  const set = Object.hasOwn(CLASS_ESCAPES, character) ? CLASS_ESCAPES[character] : undefined
  if (set !== undefined) return { units: set, end: at + 1 }
  const control = Object.hasOwn(CONTROL_ESCAPES, character) ? CONTROL_ESCAPES[character] : undefined
  if (control !== undefined) return { units: one(control), end: at + 1 }
  if (character === 'x' || character === 'u') {
    const digits = source.slice(at + 1, at + (character === 'x' ? 3 : 5))
    const isHex = digits.length === (character === 'x' ? 2 : 4) && /^[0-9a-fA-F]+$/.test(digits)
    // Without its digits it is the letter itself.
    if (isHex) return { units: one(Number.parseInt(digits, 16)), end: at + 1 + digits.length }
  }
  if (character === '0' && !/[0-9]/.test(source.charAt(at + 1))) return { units: one(0), end: at + 1 }
  if (character === 'c' && /[A-Za-z]/.test(source.charAt(at + 1))) {
    return { units: one(source.charCodeAt(at + 1) % 32), end: at + 2 }
  }
  if (/[0-9ck]/.test(character)) {
    throw new UnsupportedPatternError('back-references and octal escapes are not supported')
  }
  return { units: one(source.charCodeAt(at)), end: at + 1 }
}

function one(unit: number): CodeUnits {
  return [[unit, unit]]
}
