import { open } from 'node:fs/promises'
import { ImportError } from './import-error.ts'
import { isInteractionHeader } from './interaction-csv.ts'
import { hasStrayReturn } from './read-lines.ts'

export const INTERACTION_FORMATS = ['csv', 'ratings', 'lists'] as const
export type InteractionFormat = (typeof INTERACTION_FORMATS)[number]

const SAMPLE_BYTES = 64 * 1024
const SAMPLE_LINES = 200
/** Smaller numbers at the end of a line are items rather than Unix seconds (1973). */
const FIRST_UNIX_SECONDS = 100_000_000
/** So much of the sample must look like ratings: some bad lines do not make it something else. */
const RATINGS_SHARE = 0.9
/** Larger third numbers of three may as well be a list's second item. */
const LARGEST_PLAIN_RATING = 10
const OLD_LINE_ENDS =
  'its first line holds a carriage return without a line feed, which ended lines on old Macs: write line feeds in their ' +
  "place, for example with `tr '\\r' '\\n' < FILE > NEW`"
const DELIMITERS = [',', ';', '\t', '|'] as const

/**
 * The first lines of a file, without the last one where the sample cuts it off.
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

/** What separates the cells of a header: whichever makes the most of them. */
export function detectDelimiter(header: string): string {
  const cells = (delimiter: string): number => header.split(delimiter).length
  return DELIMITERS.reduce((best, delimiter) => (cells(delimiter) > cells(best) ? delimiter : best))
}

/**
 * How a file of interactions looks, from its first lines; see `INTERACTION_FORMATS`.
 * @throws ImportError where every line is three tokens that may be `user item rating` or `user item item`: a wrong
 * guess would be imported without a single bad line
 */
export function detectInteractionFormat(sample: readonly string[]): InteractionFormat {
  const [header = ''] = sample
  if (isInteractionHeader(header.split(detectDelimiter(header)).map(unquoted))) return 'csv'
  // Neither of the other two separates by these: an error about the header helps more than a thousand bad lines.
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

/** Of a row that may be a rating: whether it can hardly be a list. Without a rating it is the same as one. */
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
