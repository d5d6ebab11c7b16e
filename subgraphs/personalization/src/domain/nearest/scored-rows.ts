/** Rows and their scores, side by side in arrays of at least `count` places; in no order. */
export type ScoredRows = {
  readonly rows: Uint32Array
  readonly scores: Float64Array
  readonly count: number
}

export function memoryFor(limit: number): Pick<ScoredRows, 'rows' | 'scores'> {
  return { rows: new Uint32Array(limit), scores: new Float64Array(limit) }
}

export type HighestScores = {
  /** The lowest score that is kept; -Infinity until there are `limit` rows. A row with a lower one is not kept. */
  lowest(): number
  offer(row: number, score: number): void
  rows(): ScoredRows
}

/**
 * Keeps the `limit` rows with the highest scores, at least one, in a heap with the worst on top.
 * @param places by row: of equal scores the one with the smaller place is better
 * @param memory where they are kept: at least `limit` places
 */
export function keepHighest(
  limit: number,
  places: Uint32Array,
  { rows, scores }: Pick<ScoredRows, 'rows' | 'scores'> = memoryFor(limit),
): HighestScores {
  let count = 0

  /** Whether the row at a position of the heap is better than another. */
  function isBetter(at: number, row: number, score: number): boolean {
    const its = scores[at] as number
    return its > score || (its === score && (places[rows[at] as number] ?? 0) < (places[row] ?? 0))
  }

  function put(at: number, row: number, score: number): void {
    rows[at] = row
    scores[at] = score
  }

  function siftUp(row: number, score: number): void {
    let at = count++
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBetter(parent, row, score)) break
      put(at, rows[parent] as number, scores[parent] as number)
      at = parent
    }
    put(at, row, score)
  }

  function replaceTop(row: number, score: number): void {
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= limit) break
      if (child + 1 < limit && isBetter(child, rows[child + 1] as number, scores[child + 1] as number))
        child++
      if (isBetter(child, row, score)) break
      put(at, rows[child] as number, scores[child] as number)
      at = child
    }
    put(at, row, score)
  }

  return {
    lowest: () => (count < limit ? Number.NEGATIVE_INFINITY : (scores[0] as number)),
    offer(row, score) {
      if (count < limit) siftUp(row, score)
      else if (!isBetter(0, row, score)) replaceTop(row, score)
    },
    rows: () => ({ rows, scores, count }),
  }
}
