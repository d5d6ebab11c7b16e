/** Upper bound on the items or interactions of one call that imports, so that its transaction stays short. */
export const MAX_ROWS_PER_CALL = 500

/**
 * @throws RangeError for more than `MAX_ROWS_PER_CALL` rows: the caller has to split its input, so that no single
 *   call occupies the datastore for long
 */
export function assertBoundedCall(method: string, rows: readonly unknown[]): void {
  if (rows.length > MAX_ROWS_PER_CALL) {
    throw new RangeError(`${method} takes at most ${MAX_ROWS_PER_CALL} rows a call, not ${rows.length}`)
  }
}

/**
 * Batches of a group commit that may wait before further writes are refused. While the datastore is unreachable, the
 * batches time out one after the other, so this bounds both the memory and the wait.
 */
export const MAX_WAITING_BATCHES = 10

/** Age at which an unfinished upload of a model's artefact is deleted. A real upload takes less than a tenth of it. */
export const ABANDONED_UPLOAD_MS = 24 * 60 * 60 * 1000
