import type { ColumnMap } from './columns/columns.ts'
import { isInteractionHeader } from './columns/interaction-columns.ts'
import { ImportError } from './import-error.ts'
import { KNOWN_SEPARATORS, splitCells, WHITE_SPACE } from './rows/separators.ts'
import type { Encoding } from './source/read-lines.ts'

export const INTERACTION_FORMATS = ['csv', 'jsonl', 'ratings', 'lists'] as const
export type InteractionFormat = (typeof INTERACTION_FORMATS)[number]

/** What the command line says about a file. */
export type Layout = {
  readonly encoding: Encoding
  /** Null: detected from the first lines. */
  readonly separator: string | null
  /** The columns of a file that has no header; null for one that has. */
  readonly header: readonly string[] | null
  readonly quotes: boolean
  readonly map: ColumnMap
}

/** Smaller numbers at the end of a line are taken for items, not for Unix seconds (this one is in 1973). */
const FIRST_UNIX_SECONDS = 100_000_000
/** Share of the sample that must look alike. Less than all, because a few lines may be bad. */
const MOST = 0.9
/** A third number above this may also be the second item of a list. */
const LARGEST_PLAIN_RATING = 10
const DOUBLE_COLON = '::'

/** Whether the lines are JSON objects. */
export function isJsonLines([first = '']: readonly string[]): boolean {
  const text = first.trimStart()
  if (text.startsWith('[')) {
    throw new ImportError(
      'it is one JSON list: write one object a line, for example with `jq -c .[] FILE > NEW`',
    )
  }
  return text.startsWith('{')
}

/**
 * The separator of columns: with a header of its own, the one that divides the most lines into as many cells; else the
 * one that divides the first line into the most cells.
 */
export function detectSeparator(sample: readonly string[], header: readonly string[] | null = null): string {
  const [first = ''] = sample
  if (header === null && first.includes(DOUBLE_COLON)) return DOUBLE_COLON
  function score(separator: string): number {
    if (header === null) return first.split(separator).length
    return sample.filter((line) => line.split(separator).length === header.length).length
  }
  return KNOWN_SEPARATORS.reduce((best, separator) => (score(separator) > score(best) ? separator : best))
}

/** The separator of a file of ratings without a header. */
export function ratingsSeparator(
  sample: readonly string[],
  { separator }: Pick<Layout, 'separator'>,
): string {
  if (separator !== null) return separator
  return most(sample, (line) => line.includes(DOUBLE_COLON)) ? DOUBLE_COLON : WHITE_SPACE
}

/**
 * Tells the format of a file of interactions from its first lines; see `INTERACTION_FORMATS`.
 * @throws ImportError where every line has three tokens that may be `user item rating` or `user item item`, or columns
 *   without names: after a wrong guess everything would be imported wrongly, without a bad line that shows it
 */
export function detectInteractionFormat(
  sample: readonly string[],
  layout: Pick<Layout, 'separator' | 'header' | 'map'>,
): InteractionFormat {
  if (isJsonLines(sample)) return 'jsonl'
  const [first = ''] = sample
  if (layout.header !== null || layout.map.size > 0) return 'csv'
  const separator = layout.separator ?? detectSeparator(sample)
  if (isInteractionHeader(first.split(separator).map(unquoted), layout.map)) return 'csv'
  if (layout.separator !== null || separator === DOUBLE_COLON) {
    const surely = (line: string): boolean => {
      const cells = splitCells(line, separator)
      return isRating(cells) && isSurelyRating(cells)
    }
    return most(sample, surely) ? 'ratings' : 'csv'
  }
  // Only CSV has these separators. If the header is wrong, one error about it helps more than a thousand bad lines.
  if (/[,;]/.test(first) && first.trim().split(/\s+/).length < 2) return 'csv'
  if (isTable(sample, separator)) return 'csv'
  const rows = sample.map((line) => line.trim().split(/\s+/))
  const ratings = rows.filter(isRating)
  const widths = new Set(ratings.map((tokens) => tokens.length))
  if (ratings.length < MOST * rows.length || widths.size !== 1) return 'lists'
  if (most(ratings, isSurelyRating)) return 'ratings'
  throw new ImportError(
    'its lines may be `user item rating` or `user item item`: say --format ratings or --format lists',
  )
}

/** Whether all lines have as many cells, of which some hold spaces: text in columns, not ids in a list. */
function isTable(sample: readonly string[], separator: string): boolean {
  const rows = sample.map((line) => line.split(separator))
  const width = rows[0]?.length ?? 1
  if (width < 2 || sample.length < 2 || !rows.every((cells) => cells.length === width)) return false
  return separator !== '\t' || rows.some((cells) => cells.some((cell) => cell.trim().includes(' ')))
}

function most<Value>(values: readonly Value[], is: (value: Value) => boolean): boolean {
  return values.filter(is).length >= MOST * values.length
}

/** Whether a row that may be a rating cannot well be a list. Without a rating the two mean the same. */
function isSurelyRating([, , rating, time]: readonly string[]): boolean {
  return rating === undefined || time !== undefined || Math.abs(Number(rating)) <= LARGEST_PLAIN_RATING
}

function isRating([, itemId, rating, time, ...more]: readonly string[]): boolean {
  if (itemId === undefined || more.length > 0) return false
  if (rating !== undefined && !Number.isFinite(Number(rating))) return false
  return time === undefined || (/^\d{9,11}$/.test(time) && Number(time) >= FIRST_UNIX_SECONDS)
}

function unquoted(cell: string): string {
  return cell.trim().replace(/^"(.*)"$/, '$1')
}
