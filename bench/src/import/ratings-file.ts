import { createHash } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'

const ROWS_AT_ONCE = 10_000
const ITEMS = 20_000
const ROWS_PER_USER = 100
const FIRST_SECOND = 1_100_000_000

/** One rating, as a file has it and as a store keeps it. */
export type Rating = {
  readonly userId: string
  readonly itemId: string
  readonly rating: number
  readonly seconds: number
}

/** The n-th of `rows` ratings: users in no order, few items in most of them, the same at every call. */
export function ratingAt(n: number, rows: number): Rating {
  const bytes = createHash('md5').update(String(n)).digest()
  const share = (at: number): number => bytes.readUInt32LE(at) / 2 ** 32
  const item = share(4)
  return {
    userId: String(Math.floor(share(0) * Math.max(1_000, rows / ROWS_PER_USER))),
    itemId: String(Math.floor(item * item * ITEMS)),
    rating: 1 + Math.floor(share(8) * 5),
    // Each another second, so that no two rows are the same.
    seconds: FIRST_SECOND + n,
  }
}

export function writeRatingsFile(path: string, rows: number): void {
  const file = openSync(path, 'w')
  try {
    writeSync(file, 'userId,itemId,rating,timestamp\n')
    for (let from = 0; from < rows; from += ROWS_AT_ONCE) {
      let text = ''
      for (let n = from; n < Math.min(rows, from + ROWS_AT_ONCE); n++) {
        const { userId, itemId, rating, seconds } = ratingAt(n, rows)
        text += `${userId},${itemId},${rating},${seconds}\n`
      }
      writeSync(file, text)
    }
  } finally {
    closeSync(file)
  }
}
