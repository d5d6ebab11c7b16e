/** Upper bound on the items or interactions of one call that imports, so that its transaction stays short. */
export const MAX_ROWS_PER_CALL = 500

/** The upper bound on rows of a call, which a bulk import raises for as long as it lasts. */
export type CallLimit = {
  rows: number
  /**
   * @throws RangeError for more rows: the caller has to split its input, so that no single call occupies the datastore
   *   for long
   */
  assert(method: string, rows: readonly unknown[]): void
}

export function createCallLimit(): CallLimit {
  const limit: CallLimit = {
    rows: MAX_ROWS_PER_CALL,
    assert(method, { length }) {
      if (length > limit.rows) {
        throw new RangeError(`${method} takes at most ${limit.rows} rows a call, not ${length}`)
      }
    },
  }
  return limit
}

/**
 * Batches of a group commit that may wait before further writes are refused. While the datastore is unreachable, the
 * batches time out one after the other, so this bounds both the memory and the wait.
 */
export const MAX_WAITING_BATCHES = 10

/** Age at which an unfinished upload of a model's artefact is deleted. A real upload takes less than a tenth of it. */
export const ABANDONED_UPLOAD_MS = 24 * 60 * 60 * 1000

/** Upper bound on the JSON text of a slate's candidates, in UTF-16 units, so that no slate costs a large write. */
export const MAX_CANDIDATES_TEXT = 1_000_000
