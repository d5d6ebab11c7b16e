import { LRUCache } from 'lru-cache'
import { RE2JS } from 're2js'
import { foldCase, separateSurrogates } from './code-units.ts'
import { translatePattern, UnsupportedPatternError } from './translate-pattern.ts'

/** Upper bound on the characters of a pattern. */
export const MAX_REGEX_LENGTH = 1_000
/** Upper bound on what a pattern is compiled to: each character of a text costs at most this many steps. */
const MAX_REGEX_INSTRUCTIONS = 500
/**
 * Upper bound on the steps of one match, some 50 ms at the worst. Only a large pattern on a long text comes near: a
 * hundred instructions take 5,000 characters, more than the attributes of a request.
 */
const MAX_REGEX_STEPS = 500_000
/** Upper bound on compiled patterns that are kept: those of a snapshot with one for each of 1,000 experiments. */
const MAX_KEPT_REGEXES = 1_000

/** Each snapshot brings the patterns of the one before, and the first request after it would wait for all of them. */
const compiled = new LRUCache<string, CompiledRegex>({ max: MAX_KEPT_REGEXES })

export type CompiledRegex =
  | { readonly type: 'regex'; readonly test: (text: string) => boolean }
  /** Not a regular expression of ECMAScript. */
  | { readonly type: 'invalid'; readonly message: string }
  /** One that cannot be run in linear time, or that is too large. */
  | { readonly type: 'unsupported'; readonly message: string }

/**
 * Compiles a regular expression of ECMAScript (without flags but `i`) for RE2, whose time is linear in the text: no
 * pattern and no text can hang the process. It matches what `new RegExp(source).test` matches, but for texts that would take
 * more than `MAX_REGEX_STEPS`: those it does not match.
 */
export function compileRegex(source: string, ignoreCase: boolean): CompiledRegex {
  const key = `${ignoreCase ? 'i' : ''}/${source}`
  const known = compiled.get(key)
  if (known !== undefined) return known
  const made = compile(source, ignoreCase)
  compiled.set(key, made)
  return made
}

function compile(source: string, ignoreCase: boolean): CompiledRegex {
  if (source.length > MAX_REGEX_LENGTH) {
    return { type: 'unsupported', message: `is longer than ${MAX_REGEX_LENGTH} characters` }
  }
  try {
    // Only to learn whether it is one: it is never run.
    new RegExp(source)
  } catch {
    return { type: 'invalid', message: 'is not a regular expression' }
  }

  let regex: RE2JS
  try {
    regex = RE2JS.compile(translatePattern(source, ignoreCase))
  } catch (error) {
    const isOurs = error instanceof UnsupportedPatternError
    return {
      type: 'unsupported',
      message: isOurs ? error.message : 'repeats too much or is nested too deeply',
    }
  }
  const instructions = regex.programSize()
  if (instructions > MAX_REGEX_INSTRUCTIONS) return { type: 'unsupported', message: 'repeats too much' }
  const maxLength = MAX_REGEX_STEPS / instructions
  return {
    type: 'regex',
    test(text) {
      if (text.length > maxLength) return false
      return regex.test(separateSurrogates(ignoreCase ? foldCase(text) : text))
    },
  }
}
