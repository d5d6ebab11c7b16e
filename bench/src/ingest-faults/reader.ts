import { setTimeout as sleep } from 'node:timers/promises'
import type { ExperimentationStore } from '@bulkhead/experimentation/datastore/port'

const PAGE = 500
const PAUSE_MS = 50

export type EventLog = Pick<ExperimentationStore, 'head' | 'eventsBetween'>

/** What a reader has seen, and what it should not have. */
export type Seen = {
  /** Event ids by position; position 1 is first. */
  readonly ids: string[]
  readonly problems: string[]
  rereads: number
  /** Reads that failed while the replica set had no primary. */
  outages: number
}

/**
 * Follows the head and reads what is new; after each read, one random earlier page again, which must be as it was. A gap,
 * a repeated event or a changed page is a problem. Ends after `signal`.
 */
export async function follow(log: EventLog, seen: Seen, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await readNew(log, seen)
      await readAgain(log, seen)
    } catch (error) {
      if (error instanceof Error && error.name === 'DatastoreUnavailableError') seen.outages += 1
      else seen.problems.push(error instanceof Error ? `${error.name}: ${error.message}` : String(error))
    }
    await sleep(PAUSE_MS)
  }
}

/** Reads from what was seen to the head. */
export async function readNew(log: EventLog, seen: Seen): Promise<void> {
  const head = await log.head()
  while (seen.ids.length < head) {
    const after = seen.ids.length
    const page = await log.eventsBetween({ after, upTo: head, limit: PAGE })
    if (page.length === 0) {
      seen.problems.push(`nothing between ${after} and the head ${head}`)
      return
    }
    for (const { position, event } of page) {
      if (position !== seen.ids.length + 1) seen.problems.push(`${position} follows ${seen.ids.length}`)
      seen.ids.push(event.eventId)
    }
  }
}

async function readAgain(log: EventLog, seen: Seen): Promise<void> {
  if (seen.ids.length === 0) return
  const after = Math.floor(Math.random() * seen.ids.length)
  const upTo = Math.min(seen.ids.length, after + PAGE)
  const page = await log.eventsBetween({ after, upTo, limit: PAGE })
  seen.rereads += 1
  const now = page.map(({ event }) => event.eventId).join()
  if (now !== seen.ids.slice(after, upTo).join())
    seen.problems.push(`positions ${after + 1} to ${upTo} have changed`)
}
