import { deleteDatabase } from './delete-database.ts'
import { closeDatabase, DEFAULT_OPTIONS, type DuckDbOptions, IN_MEMORY, openDatabase } from './duckdb-file.ts'
import { ReadModelDamagedError } from './errors.ts'
import { type ExportPart, loadRange } from './export/load-export.ts'
import { createFeeder } from './feeding.ts'
import { takeLock } from './lock-file.ts'
import type { ReadModel, Sums, SumsQuery } from './port.ts'
import { readErasuresRead, readExtent, readLastEvent, readThrough } from './progress.ts'
import { createSqlRun } from './sql-run.ts'
import { computeSums } from './sums.ts'
import { inTransaction } from './transaction.ts'
import { refuseUnanswerable } from './unanswerable.ts'

/** How DuckDB begins what it says about a file that it cannot read, or stopped using because of that. */
const DAMAGE = /^(IO Error|Corrupt|Serialization Error|FATAL Error|INTERNAL Error)/i

export type DuckDbReadModel = ReadModel & {
  /**
   * Takes in a range of an export, whole or not at all, as if its events had been fed. One that is in it already is skipped.
   * @throws ReadModelGapError where the range begins elsewhere than at `through()`
   * @throws ExportUnusableError where a file is not as it was exported
   */
  load(part: ExportPart): Promise<void>
}

/**
 * Opens the read model in a file, or in memory for `:memory:`. Calls run one after the other, but sums beside the others:
 * each sees the events of one moment. Feeding occupies the thread while rows are handed over; sums leave it free. Only one
 * thread may use the file.
 * @throws ReadModelLockedError where it is open elsewhere
 */
export async function openReadModel(
  path: string,
  options: Partial<DuckDbOptions> = {},
): Promise<DuckDbReadModel> {
  const unlock = path === IN_MEMORY ? () => undefined : takeLock(`${path}.lock`)
  try {
    return await openLocked(path, { ...DEFAULT_OPTIONS, ...options }, unlock)
  } catch (error) {
    unlock()
    throw error
  }
}

async function openLocked(
  path: string,
  options: DuckDbOptions,
  unlock: () => void,
): Promise<DuckDbReadModel> {
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
        refuseUnanswerable(await readExtent(own), query)
        return await computeSums(createSqlRun(own), query)
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
    load: (part) => next(() => feeder.load((target) => loadRange(target, part))),
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
