/** Stored instead of a value that is nested too deeply to be written. */
const TOO_DEEP = '"(nested too deeply to be stored)"'

/** JSON text of at most `maxBytes` UTF-8 bytes. Longer text is cut between two characters, and then is not JSON. */
export function cutJson(value: unknown, maxBytes: number): string {
  const text = stringify(value)
  const bytes = Buffer.from(text, 'utf8')
  if (bytes.length <= maxBytes) return text
  // With `stream`, an incomplete last character is left out, and not decoded as a replacement character.
  return new TextDecoder().decode(bytes.subarray(0, maxBytes), { stream: true })
}

/** `JSON.parse` reads any depth, `JSON.stringify` runs out of stack on it. */
function stringify(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch (error) {
    if (error instanceof RangeError) return TOO_DEEP
    throw error
  }
}
