/** The datastore cannot be opened: one line that says what to do. */
export class DatastoreStartupError extends Error {
  override readonly name = 'DatastoreStartupError'
}

/**
 * The datastore is away, full or read-only while the service runs. A write that failed so may or may not have
 * happened; ids make its repetition harmless. packages/service knows this error by its name.
 */
export class DatastoreUnavailableError extends Error {
  override readonly name = 'DatastoreUnavailableError'
  readonly code = 'DATASTORE_UNAVAILABLE'
  readonly retryable = true
}

/**
 * For a datastore that was open before: that it cannot be opened again is an outage.
 * @throws DatastoreUnavailableError for a DatastoreStartupError, and the error itself for every other one
 */
export function throwAsOutage(error: unknown): never {
  if (error instanceof DatastoreStartupError) {
    throw new DatastoreUnavailableError(error.message, { cause: error })
  }
  throw error
}
