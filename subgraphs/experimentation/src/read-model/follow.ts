import type { ExperimentationStore } from '../datastore/port.ts'
import type { StoredEvent } from '../domain/stored-event.ts'
import { ReadModelAheadError } from './errors.ts'
import type { ReadModel } from './port.ts'

/** Other events have no rows. */
const KINDS: readonly StoredEvent['kind'][] = ['exposure', 'served', 'interaction']

/**
 * More than the clocks of replicas differ by, plus the most that an event may claim to be from the future: what retention
 * has erased occurred no later than this after the arrival of the oldest event that it has left.
 */
const MARGIN_MS = 2 * 86_400_000

export type Follower = {
  /** Feeds the next page of the log; false where there is nothing new. A step that failed can be made again. */
  step(): Promise<boolean>
}

/**
 * Lets a read model follow the log by position. Each page is taken in whole or not at all, so it can stop anywhere. What
 * retention has erased before it could be read is skipped, and the read model remembers that it is missing.
 */
export function createFollower({
  store,
  model,
  limit,
}: {
  readonly store: Pick<ExperimentationStore, 'head' | 'eventsBetween' | 'logStart'>
  readonly model: Pick<ReadModel, 'through' | 'feed' | 'skip' | 'lastEvent'>
  /** Events of a page. */
  readonly limit: number
}): Follower {
  let isVerified = false

  /** A datastore that was restored from a backup has other events at the same positions. */
  async function verify(): Promise<void> {
    const last = await model.lastEvent()
    if (last === null) return
    const { position, eventId } = last
    const [stored] = await store.eventsBetween({ after: position - 1, upTo: position, limit: 1 })
    // Absent where it was erased.
    if (stored === undefined || stored.event.eventId === eventId) return
    throw new ReadModelAheadError(`the log has another event at position ${position} than the read model`)
  }

  async function skip(start: number, head: number): Promise<boolean> {
    const [oldest] = await store.eventsBetween({ after: start, upTo: head, limit: 1 })
    // The next event will tell how old what is missing may be.
    if (oldest === undefined) return false
    await model.skip({ position: start, completeFrom: oldest.recordedAt + MARGIN_MS })
    return true
  }

  return {
    async step() {
      const after = await model.through()
      const head = await store.head()
      if (head < after) {
        throw new ReadModelAheadError(`the read model ends at position ${after}, the log at ${head}`)
      }
      if (!isVerified) await verify()
      isVerified = true
      if (head === after) return false
      const events = await store.eventsBetween({ after, upTo: head, limit, kinds: KINDS })
      // Asked for afterwards: retention goes from the oldest on, so where it is not past `after` by now, the page is whole.
      const start = await store.logStart()
      if (start > after) return await skip(start, head)
      // A page that is not full holds all that there is up to the head.
      const through = events.length < limit ? head : (events.at(-1)?.position ?? head)
      await model.feed({ after, through, events })
      return true
    },
  }
}
