import { setImmediate } from 'node:timers/promises'
import { createFollower } from './follow.ts'
import type { ReadModel, Sums, SumsQuery } from './port.ts'

type LogSums = (query: SumsQuery, signal?: AbortSignal) => Promise<Sums>

type LogOptions = {
  readonly store: Parameters<typeof createFollower>[0]['store']
  /** Opens an empty read model. */
  readonly openModel: () => Promise<ReadModel>
  /** Events that are read and handed over at once; everything else in the process waits for that long. */
  readonly limit: number
}

/** Follows the log as far as queries need it, in a read model that is kept until it is closed. One query at a time. */
export function createLogReader({ store, openModel, limit }: LogOptions): {
  readonly sums: LogSums
  close(): Promise<void>
} {
  let opened: Promise<ReadModel> | undefined
  return {
    async sums(query, signal) {
      opened ??= openModel()
      const model = await opened
      const follower = createFollower({ store, model, limit })
      // Not up to the head, which may grow faster than it is followed.
      while ((await model.through()) < query.asOf) {
        signal?.throwIfAborted()
        if (!(await follower.step())) break
        await setImmediate()
      }
      return await model.sums(query)
    },
    async close() {
      await (await opened)?.close()
    },
  }
}

/** Computes sums by reading the whole log up to the query's position into a read model that is closed afterwards. */
export function createLogSums(options: LogOptions): LogSums {
  return async (query, signal) => {
    const reader = createLogReader(options)
    try {
      return await reader.sums(query, signal)
    } finally {
      await reader.close()
    }
  }
}
