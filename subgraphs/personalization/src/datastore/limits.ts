/** Items or interactions that one call of an importing method takes: a bounded transaction on every datastore. */
export const MAX_ROWS_PER_CALL = 500

/**
 * @throws RangeError when a caller passes more than `MAX_ROWS_PER_CALL` rows: a bug of the caller, which is to cut
 * its input into pieces, so that no single call holds the datastore for long.
 */
export function assertBoundedCall(method: string, rows: readonly unknown[]): void {
  if (rows.length > MAX_ROWS_PER_CALL) {
    throw new RangeError(`${method} takes at most ${MAX_ROWS_PER_CALL} rows a call, not ${rows.length}`)
  }
}

/**
 * Batches of a group commit that may wait before further writes are refused. With the datastore away each batch
 * fails after a timeout of its own, one after the other: this bounds both the memory and the wait.
 */
export const MAX_WAITING_BATCHES = 10

/** An abandoned upload of a model's artefact is swept after so long; no upload takes a tenth of it. */
export const ABANDONED_UPLOAD_MS = 24 * 60 * 60 * 1000
