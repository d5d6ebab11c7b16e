const LINE_ENDS = /[\n\r\u2028\u2029]/g
const ONLY_DIGITS = /^[0-9]+$/
const NUMBER_WIDTH = 5

/**
 * A version as a text that compares with `<` as versions do, by GrowthBook's rules: a leading `v` and build information
 * (`+…`) are dropped, numbers are padded to five places, and a full `x.y.z` is above its pre-releases. What is neither a
 * text nor a number counts as version 0.
 */
export function comparableVersion(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : value
  const version = typeof text === 'string' && text !== '' ? text : '0'
  const parts = withoutBuild(version).split(/[-.]/)
  // "~" sorts after letters and digits, so a release comes after its pre-releases.
  if (parts.length === 3) parts.push('~')
  return parts.map((part) => (ONLY_DIGITS.test(part) ? part.padStart(NUMBER_WIDTH, ' ') : part)).join('-')
}

/** Build information goes from a "+" to the end of the text, and does not reach over a line's end. */
function withoutBuild(version: string): string {
  const start = version.startsWith('v') ? 1 : 0
  if (!version.includes('+')) return version.slice(start)
  const lineStart = [...version.matchAll(LINE_ENDS)].at(-1)?.index ?? 0
  const plus = version.indexOf('+', lineStart)
  return version.slice(start, plus === -1 ? undefined : plus)
}
