import type { ExperimentationStore } from '../datastore/port.ts'
import type { StoredEvent } from '../domain/stored-event.ts'
import { ReadModelAheadError } from './errors.ts'
import type { ReadModel } from './port.ts'

/** Other events have no rows. */
const KINDS: readonly StoredEvent['kind'][] = ['exposure', 'served', 'interaction']

export type Follower = {
  /** Feeds the next page of the log; false where there is nothing new. A step that failed can be made again. */
  step(): Promise<boolean>
}

/** Lets a read model follow the log by position. Each page is taken in whole or not at all, so it can stop anywhere. */
export function createFollower({
  store,
  model,
  limit,
}: {
  readonly store: Pick<ExperimentationStore, 'head' | 'eventsBetween'>
  readonly model: ReadModel
  /** Events of a page. */
  readonly limit: number
}): Follower {
  return {
    async step() {
      const after = await model.through()
      const head = await store.head()
      if (head < after) {
        throw new ReadModelAheadError(`the read model ends at position ${after}, the log at ${head}`)
      }
      if (head === after) return false
      const events = await store.eventsBetween({ after, upTo: head, limit, kinds: KINDS })
      // A page that is not full holds all that there is up to the head.
      const through = events.length < limit ? head : (events.at(-1)?.position ?? head)
      await model.feed({ after, through, events })
      return true
    },
  }
}
