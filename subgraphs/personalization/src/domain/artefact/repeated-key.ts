const STRINGS_AND_BRACES = /[{}]|"(?:[^"\\]|\\.)*"(\s*:)?/g

/**
 * The first key that stands twice in one object of a JSON text, or null. `JSON.parse` keeps the last of them and says
 * nothing, so two readers could see two different files.
 * @param json valid JSON, at any depth
 */
export function findRepeatedKey(json: string): string | null {
  const open: Set<unknown>[] = []
  for (const [token, colon] of json.matchAll(STRINGS_AND_BRACES)) {
    if (token === '{') open.push(new Set())
    else if (token === '}') open.pop()
    else if (colon !== undefined) {
      // Unescaped first: "a" and "\u0061" are one key.
      const key = String(JSON.parse(token.slice(0, -colon.length)))
      if (open.at(-1)?.has(key)) return key
      open.at(-1)?.add(key)
    }
  }
  return null
}
