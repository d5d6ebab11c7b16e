import { open } from 'node:fs/promises'
import { ImportError } from './import-error.ts'
import { isInteractionHeader } from './interaction-csv.ts'
import { hasStrayReturn } from './read-lines.ts'

export const INTERACTION_FORMATS = ['csv', 'ratings', 'lists'] as const
export type InteractionFormat = (typeof INTERACTION_FORMATS)[number]

const SAMPLE_BYTES = 64 * 1024
const SAMPLE_LINES = 200
/** Smaller numbers at the end of a line are taken for items, not for Unix seconds (this one is in 1973). */
const FIRST_UNIX_SECONDS = 100_000_000
/** Share of the sample that must look like ratings. Less than all, because a few lines may be bad. */
const RATINGS_SHARE = 0.9
/** A third number above this may also be the second item of a list. */
const LARGEST_PLAIN_RATING = 10
const OLD_LINE_ENDS =
  'its first line holds a carriage return without a line feed, which ended lines on old Macs: write line feeds in their ' +
  "place, for example with `tr '\\r' '\\n' < FILE > NEW`"
const DELIMITERS = [',', ';', '\t', '|'] as const

/**
 * The first lines of a file, without a last line that is incomplete.
 * @throws ImportError for a file without any text, or whose lines end in carriage returns alone
 */
export async function readSample(path: string): Promise<readonly string[]> {
  const file = await open(path)
  try {
    const buffer = Buffer.alloc(SAMPLE_BYTES)
    const { bytesRead } = await file.read(buffer, 0, SAMPLE_BYTES, 0)
    const text = new TextDecoder().decode(buffer.subarray(0, bytesRead))
    const lines = text.split(/\r?\n/)
    if (bytesRead === SAMPLE_BYTES && lines.length > 1) lines.pop()
    const filled = lines.filter((line) => line.trim() !== '').slice(0, SAMPLE_LINES)
    const [first] = filled
    if (first === undefined) throw new ImportError('it is empty')
    if (hasStrayReturn(first.trimEnd())) throw new ImportError(OLD_LINE_ENDS)
    return filled
  } finally {
    await file.close()
  }
}

/** The delimiter of a header: the one that gives the most cells. */
export function detectDelimiter(header: string): string {
  const cells = (delimiter: string): number => header.split(delimiter).length
  return DELIMITERS.reduce((best, delimiter) => (cells(delimiter) > cells(best) ? delimiter : best))
}

/**
 * Tells the format of a file of interactions from its first lines; see `INTERACTION_FORMATS`.
 * @throws ImportError where every line has three tokens that may be `user item rating` or `user item item`: after a
 *   wrong guess everything would be imported wrongly, without a bad line that shows it
 */
export function detectInteractionFormat(sample: readonly string[]): InteractionFormat {
  const [header = ''] = sample
  if (isInteractionHeader(header.split(detectDelimiter(header)).map(unquoted))) return 'csv'
  // Only CSV has these delimiters. If the header is wrong, one error about it helps more than a thousand bad lines.
  if (/[,;]/.test(header) && header.trim().split(/\s+/).length < 2) return 'csv'
  const rows = sample.map((line) => line.trim().split(/\s+/))
  const ratings = rows.filter(isRating)
  const widths = new Set(ratings.map((tokens) => tokens.length))
  if (ratings.length < RATINGS_SHARE * rows.length || widths.size !== 1) return 'lists'
  if (ratings.filter(isSurelyRating).length >= RATINGS_SHARE * ratings.length) return 'ratings'
  throw new ImportError(
    'its lines may be `user item rating` or `user item item`: say --format ratings or --format lists',
  )
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
