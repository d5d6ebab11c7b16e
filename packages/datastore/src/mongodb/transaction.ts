import { DatastoreUnavailableError } from '../errors.ts'
import type { ClientSession, MongoDatastore } from './open.ts'

/** The driver's own limit is two minutes, in which callers would pile up; its `timeoutMS` has no effect here. */
const TRANSACTION_LIMIT_MS = 5_000

/**
 * One multi-document transaction. The driver repeats it where another one conflicts with it; no attempt begins later
 * than 5 s after the first. `run` may be called several times, and may abort the transaction and return.
 * @throws DatastoreUnavailableError when the time is up; otherwise what `translateMongoError` translates
 */
export function inTransaction<Result>(
  { client }: MongoDatastore,
  run: (session: ClientSession) => Promise<Result>,
  { limitMs = TRANSACTION_LIMIT_MS } = {},
): Promise<Result> {
  const deadline = performance.now() + limitMs
  let lastFailure: unknown

  async function attempt(session: ClientSession): Promise<Result> {
    if (performance.now() >= deadline) {
      throw new DatastoreUnavailableError(`MongoDB: a transaction did not succeed within ${limitMs} ms`, {
        cause: lastFailure,
      })
    }
    try {
      const result = await run(session)
      // Here, because the driver itself would repeat a commit without an answer for two minutes. `run` may have aborted.
      if (session.inTransaction()) await session.commitTransaction()
      return result
    } catch (error) {
      lastFailure = error
      throw error
    }
  }

  return client.withSession((session) =>
    session.withTransaction(attempt, {
      readConcern: { level: 'snapshot' },
      writeConcern: { w: 'majority', journal: true },
      readPreference: 'primary',
    }),
  )
}
