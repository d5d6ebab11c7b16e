const LINE_ENDS = /[\n\r\u2028\u2029]/g
const HYPHEN = 0x2d
const DOT = 0x2e
const DIGIT_ZERO = 0x30
const DIGIT_NINE = 0x39
const NUMBER_WIDTH = 5
/** Major, minor and patch: no pre-release. */
const RELEASE_PARTS = 3

/**
 * A version as a text that compares with `<` as versions do, by GrowthBook's rules: a leading `v` and build information
 * (`+…`) are dropped, numbers are padded to five places, and a full `x.y.z` is above its pre-releases. What is neither a
 * text nor a number counts as version 0.
 */
export function comparableVersion(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : value
  const version = typeof text === 'string' && text !== '' ? text : '0'
  return comparableParts(withoutBuild(version))
}

/** One pass over the characters: versions are compared for each user, and splitting them costs three times as much. */
function comparableParts(version: string): string {
  let comparable = ''
  let parts = 0
  let start = 0
  let isNumber = true
  for (let index = 0; index <= version.length; index++) {
    const code = index === version.length ? DOT : version.charCodeAt(index)
    if (code === DOT || code === HYPHEN) {
      const part = version.slice(start, index)
      if (parts > 0) comparable += '-'
      comparable += isNumber && part !== '' ? part.padStart(NUMBER_WIDTH, ' ') : part
      parts++
      start = index + 1
      isNumber = true
    } else if (code < DIGIT_ZERO || code > DIGIT_NINE) {
      isNumber = false
    }
  }
  // "~" sorts after letters and digits, so a release comes after its pre-releases.
  return parts === RELEASE_PARTS ? `${comparable}-~` : comparable
}

/** Build information goes from a "+" to the end of the text, and does not reach over a line's end. */
function withoutBuild(version: string): string {
  const start = version.startsWith('v') ? 1 : 0
  if (!version.includes('+')) return version.slice(start)
  const lineStart = [...version.matchAll(LINE_ENDS)].at(-1)?.index ?? 0
  const plus = version.indexOf('+', lineStart)
  return version.slice(start, plus === -1 ? undefined : plus)
}
