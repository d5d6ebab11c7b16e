/** Stands for one or more spaces or tabs between two cells. */
export const WHITE_SPACE = ' '

/** Separators that are looked for where none is said; the earlier one where two divide a line alike. */
export const KNOWN_SEPARATORS = [',', ';', '\t', '|', '::'] as const

const NAMES: ReadonlyMap<string, string> = new Map([
  ['tab', '\t'],
  ['\\t', '\t'],
  ['space', WHITE_SPACE],
  ['comma', ','],
  ['semicolon', ';'],
  ['pipe', '|'],
])
const MAX_SEPARATOR_CHARACTERS = 8

/** The separator that a person writes, such as `::`, `|`, `tab` or `space`; null for what cannot be one. */
export function readSeparator(text: string): string | null {
  const named = NAMES.get(text.toLowerCase())
  if (named !== undefined) return named
  const possible = text.length > 0 && text.length <= MAX_SEPARATOR_CHARACTERS && !/["\r\n]/.test(text)
  return possible ? text : null
}

/** Whether files with this separator quote cells. Those with a longer one, or with spaces, have quotes as text. */
export function quotesCount(separator: string): boolean {
  return separator.length === 1 && separator !== WHITE_SPACE
}

/** The cells of a line without quotes. Cells are trimmed, but between tabs, where spaces belong to them. */
export function splitCells(text: string, separator: string): readonly string[] {
  if (separator === WHITE_SPACE) return text.trim().split(/\s+/)
  const cells = text.split(separator)
  if (separator !== '\t') {
    for (const [at, cell] of cells.entries()) {
      // Most cells have no spaces around them, and trimming costs more than looking.
      if (cell.charCodeAt(0) <= 0x20 || cell.charCodeAt(cell.length - 1) <= 0x20) cells[at] = cell.trim()
    }
  }
  return cells
}
