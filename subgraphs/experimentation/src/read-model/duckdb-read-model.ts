import { closeDatabase, type DuckDbOptions, deleteDatabase, IN_MEMORY, openDatabase } from './duckdb-file.ts'
import { ReadModelBehindError, ReadModelDamagedError } from './errors.ts'
import { createFeeder, readThrough } from './feeding.ts'
import { takeLock } from './lock-file.ts'
import type { ReadModel } from './port.ts'
import { computeSums } from './sums.ts'

const DEFAULTS: DuckDbOptions = { memoryLimit: '1GB', threads: 2 }

/** How DuckDB begins what it says about a file that it cannot read, or stopped using because of that. */
const DAMAGE = /^(IO Error|Corrupt|Serialization Error|FATAL Error|INTERNAL Error)/i

/**
 * Opens the read model in a file, or in memory for `:memory:`. Calls run one after the other. Feeding occupies the thread
 * while rows are handed over; sums leave it free. Only one thread may use the file.
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

  async function end(): Promise<void> {
    await last
    closeDatabase(database)
    if (damage !== undefined && path !== IN_MEMORY) deleteDatabase(path)
    unlock()
  }

  return {
    through: () => next(() => readThrough(connection)),
    feed: (page) => next(() => feeder.feed(page)),
    erase: (units) => next(() => feeder.erase(units)),
    sums: (query) =>
      next(async () => {
        const through = await readThrough(connection)
        if (query.asOf > through) {
          throw new ReadModelBehindError(
            `position ${query.asOf} is asked for, the read model ends at ${through}`,
          )
        }
        const own = await instance.connect()
        try {
          return await computeSums(own, query)
        } finally {
          own.closeSync()
        }
      }),
    close() {
      closed ??= end()
      return closed
    },
  }
}
