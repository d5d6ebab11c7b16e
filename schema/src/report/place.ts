import type { SourceLocation } from '../model/source.ts'

export type Place = SourceLocation & {
  /** Whether the lines are those of the file that is checked out, and not of the base's. */
  readonly isCurrent: boolean
}

/**
 * Where a finding stands in the checkout. What is only in a base that git has, such as a field that was removed, is
 * named `REF:path`: its file is the one to show, but the line counts in another text.
 */
export function placeOf(location: SourceLocation, base: string | null): Place {
  // A base may say in parentheses why it is this one.
  const prefix = `${base?.replace(/ \(.*$/s, '')}:`
  const isCurrent = base === null || !location.file.startsWith(prefix)
  return {
    file: isCurrent ? location.file : location.file.slice(prefix.length),
    line: location.line,
    column: location.column,
    isCurrent,
  }
}
