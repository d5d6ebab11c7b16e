import { setImmediate } from 'node:timers/promises'
import { createFollower } from './follow.ts'
import type { ReadModel, Sums, SumsQuery } from './port.ts'

/**
 * Computes sums by reading the whole log up to the query's position into a read model that is closed afterwards.
 *
 * @param options.openModel an empty read model
 * @param options.limit events that are read and handed over at once; everything else in the process waits for that long
 */
export function createLogSums(options: {
  readonly store: Parameters<typeof createFollower>[0]['store']
  readonly openModel: () => Promise<ReadModel>
  readonly limit: number
}): (query: SumsQuery, signal?: AbortSignal) => Promise<Sums> {
  const { store, openModel, limit } = options
  return async (query, signal) => {
    const model = await openModel()
    try {
      const follower = createFollower({ store, model, limit })
      // Not up to the head, which may grow faster than it is followed.
      while ((await model.through()) < query.asOf) {
        signal?.throwIfAborted()
        if (!(await follower.step())) break
        await setImmediate()
      }
      return await model.sums(query)
    } finally {
      await model.close()
    }
  }
}
