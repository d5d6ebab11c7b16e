import type { ClientSession, MongoDatastore } from './mongodb.ts'

/** Retries of conflicts included. The driver's own limit is two minutes, in which callers would pile up. */
const TRANSACTION_TIMEOUT_MS = 5_000

/** One multi-document transaction, repeated by the driver where another one conflicts with it, within 5 s. */
export function inTransaction<Result>(
  { client }: MongoDatastore,
  run: (session: ClientSession) => Promise<Result>,
): Promise<Result> {
  return client.withSession((session) =>
    session.withTransaction(run, {
      readConcern: { level: 'snapshot' },
      writeConcern: { w: 'majority', journal: true },
      readPreference: 'primary',
      timeoutMS: TRANSACTION_TIMEOUT_MS,
    }),
  )
}
