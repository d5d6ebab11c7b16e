import type { DuckDBConnection } from '@duckdb/node-api'
import { deleteDatabase } from './delete-database.ts'
import { closeDatabase, type DuckDbOptions, IN_MEMORY, openDatabase } from './duckdb-file.ts'
import { readErasuresRead } from './erasing.ts'
import { EventsErasedError, ReadModelBehindError, ReadModelDamagedError } from './errors.ts'
import { createFeeder } from './feeding.ts'
import { takeLock } from './lock-file.ts'
import type { ReadModel, Sums, SumsQuery } from './port.ts'
import { readExtent, readLastEvent, readThrough } from './progress.ts'
import { computeSums } from './sums.ts'
import { inTransaction } from './transaction.ts'

const DEFAULTS: DuckDbOptions = { memoryLimit: '1GB', threads: 2, log: '' }

/** How DuckDB begins what it says about a file that it cannot read, or stopped using because of that. */
const DAMAGE = /^(IO Error|Corrupt|Serialization Error|FATAL Error|INTERNAL Error)/i

/**
 * Opens the read model in a file, or in memory for `:memory:`. Calls run one after the other, but sums beside the others:
 * each sees the events of one moment. Feeding occupies the thread while rows are handed over; sums leave it free. Only one
 * thread may use the file.
 * @throws ReadModelLockedError where it is open elsewhere
 */
export async function openReadModel(path: string, options: Partial<DuckDbOptions> = {}): Promise<ReadModel> {
  const unlock = path === IN_MEMORY ? () => undefined : takeLock(`${path}.lock`)
  try {
    return await openLocked(path, { ...DEFAULTS, ...options }, unlock)
  } catch (error) {
    unlock()
    throw error
  }
}

async function openLocked(path: string, options: DuckDbOptions, unlock: () => void): Promise<ReadModel> {
  const database = await openDatabase(path, options)
  const { instance, connection } = database
  const feeder = createFeeder(connection)
  let last: Promise<unknown> = Promise.resolve()
  const summing = new Set<Promise<unknown>>()
  let damage: unknown
  let closed: Promise<void> | undefined

  /** After all that was begun before. */
  function next<T>(work: () => Promise<T>): Promise<T> {
    if (closed !== undefined) return Promise.reject(new Error('the read model is closed'))
    const result = last.then(() => refuseDamaged(work))
    last = result.catch(() => undefined)
    return result
  }

  async function refuseDamaged<T>(work: () => Promise<T>): Promise<T> {
    if (damage === undefined) {
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof Error && DAMAGE.test(error.message))) throw error
        damage = error
      }
    }
    throw new ReadModelDamagedError('the file of the read model cannot be read', { cause: damage })
  }

  async function sum(query: SumsQuery): Promise<Sums> {
    const own = await instance.connect()
    try {
      return await inTransaction(own, async () => {
        await refuseUnanswerable(own, query)
        return await computeSums(own, query)
      })
    } finally {
      own.closeSync()
    }
  }

  async function end(discarded: boolean): Promise<void> {
    await last
    await Promise.allSettled(summing)
    closeDatabase(database)
    if ((discarded || damage !== undefined) && path !== IN_MEMORY) deleteDatabase(path)
    unlock()
  }

  return {
    through: () => next(() => readThrough(connection)),
    feed: (page) => next(() => feeder.feed(page)),
    skip: (to) => next(() => feeder.skip(to)),
    lastEvent: () => next(() => readLastEvent(connection)),
    erase: (units) => next(() => feeder.erase(units)),
    erasuresRead: () => next(() => readErasuresRead(connection)),
    eraseKnown: (read) => next(() => feeder.eraseKnown(read)),
    sums(query) {
      // Begun in turn, so that it sees all that was fed before it was asked for.
      const begun = next(async () => ({ result: refuseDamaged(() => sum(query)) }))
      const result = begun.then((begin) => begin.result)
      summing.add(result)
      const done = () => summing.delete(result)
      result.then(done, done)
      return result
    },
    close() {
      closed ??= end(false)
      return closed
    },
    discard() {
      closed ??= end(true)
      return closed
    },
  }
}

async function refuseUnanswerable(connection: DuckDBConnection, query: SumsQuery): Promise<void> {
  const { through, completeFrom } = await readExtent(connection)
  if (query.asOf > through) {
    throw new ReadModelBehindError(`position ${query.asOf} is asked for, the read model ends at ${through}`)
  }
  const starts = query.intervals.map(({ from }) => from - (query.covariateWindowMs ?? 0))
  if (completeFrom > 0 && starts.some((start) => start < completeFrom)) {
    throw new EventsErasedError(
      `events from before ${new Date(completeFrom).toISOString()} are erased for their age, and this analysis needs them`,
    )
  }
}
