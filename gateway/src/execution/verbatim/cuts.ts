import type { Cut } from './answer-shape.ts'

/** What the client gets of an object, in its order: fields of the answer that is read, and of others. */
export type ClientPart =
  | { readonly type: 'own'; readonly key: string; readonly clientKey: string }
  /** All the fields that another fetch adds. */
  | { readonly type: 'hole'; readonly hole: number }

export type Cuts = { readonly before: readonly (Cut | null)[]; readonly end: Cut | null }

/**
 * Where the run of bytes that go to the client has to be cut in an object.
 * @param keys of the fields in the answer, in its order
 * @param isResult whether the object is what a fetch found: its fields go into another object, so its braces stay behind
 * @returns null where the client wants the fields in another order
 */
export function cutsOf(
  keys: readonly string[],
  parts: readonly ClientPart[],
  isResult: boolean,
): Cuts | null {
  let isRunning = !isResult
  let hasWritten = false
  let next = 0

  /** Brace or comma before the next thing that is written. */
  function separator(): string {
    const text = hasWritten ? ',' : isResult ? '' : '{'
    hasWritten = true
    return text
  }

  function takeHoles(): (string | number)[] {
    const taken: (string | number)[] = []
    for (let part = parts[next]; part?.type === 'hole'; part = parts[next]) {
      taken.push(separator(), part.hole)
      next += 1
    }
    return taken
  }

  const before = keys.map((key): Cut | null => {
    const behindHoles = parts.slice(next).find(({ type }) => type === 'own')
    if (behindHoles?.type !== 'own' || behindHoles.key !== key) {
      const cut = isRunning ? cutOf([], null) : null
      isRunning = false
      return cut
    }
    const holes = takeHoles()
    next += 1
    const { clientKey } = behindHoles
    if (isRunning && holes.length === 0 && clientKey === key) {
      hasWritten = true
      return null
    }
    isRunning = true
    const written = [...holes, separator()]
    return clientKey === key ? cutOf(written, 'key') : cutOf([...written, `"${clientKey}":`], 'value')
  })
  const holes = takeHoles()
  if (next < parts.length) return null
  if (isResult) return { before, end: cutOf(holes, null) }
  if (isRunning && holes.length === 0) return { before, end: null }
  return { before, end: cutOf([...holes, hasWritten ? '}' : '{}'], 'behind') }
}

/** Texts that follow each other are written at once. */
function cutOf(parts: readonly (string | number)[], resume: Cut['resume']): Cut {
  const write: (string | number)[] = []
  for (const part of parts) {
    const last = write.at(-1)
    if (part === '') continue
    if (typeof part === 'string' && typeof last === 'string') write[write.length - 1] = last + part
    else write.push(part)
  }
  return { write, resume }
}
