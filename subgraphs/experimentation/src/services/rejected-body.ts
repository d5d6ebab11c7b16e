/** What stands for a value that nests too deep to be written; its sender is known, and its size is no loss. */
const TOO_DEEP = '"(nested too deep to be kept)"'

/** JSON text of at most `maxBytes` UTF-8 bytes; longer text is cut between characters and is then no JSON any more. */
export function cutJson(value: unknown, maxBytes: number): string {
  const text = stringify(value)
  const bytes = Buffer.from(text, 'utf8')
  if (bytes.length <= maxBytes) return text
  // A stream holds an unfinished last character back instead of writing a replacement for it.
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
