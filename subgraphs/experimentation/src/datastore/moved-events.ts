import { MAX_EVENTS_PER_BATCH } from '@bulkhead/contracts'
import { type EventBlock, eventBlocks } from './event-blocks.ts'
import type { IncomingEvent } from './port.ts'
import { readEvent } from './stored-json.ts'

/** An event as the first releases stored it: one row or document each, the event as JSON text. */
export type SingleEvent = {
  /** Null where it had none yet. */
  readonly position: number | null
  readonly producer: string
  readonly recordedAt: number
  readonly body: string
}

export type MovedBlock = EventBlock & {
  readonly first: number | null
  readonly events: readonly IncomingEvent[]
}

/**
 * Makes blocks of single events that are handed over in the order of their positions, which they keep. The same events
 * give the same blocks, so a move that was interrupted can be repeated.
 */
export function createMove() {
  let events: IncomingEvent[] = []
  let first: number | null = null

  function take(): MovedBlock | null {
    const moved = events
    events = []
    const [block] = eventBlocks(moved)
    if (block === undefined) return null
    const { key: _, ...fields } = block
    return { ...fields, first, events: moved }
  }

  function continues(event: IncomingEvent, position: number | null): boolean {
    const last = events.at(-1)
    if (last === undefined || events.length >= MAX_EVENTS_PER_BATCH) return false
    const follows = first === null ? position === null : position === first + events.length
    return (
      follows &&
      last.event.kind === event.event.kind &&
      last.producer === event.producer &&
      last.recordedAt === event.recordedAt
    )
  }

  return {
    /** The block that ends before this event, if one does. */
    add({ position, producer, recordedAt, body }: SingleEvent): MovedBlock | null {
      const event = readEvent(body)
      const incoming = { event, occurredAt: Date.parse(event.occurredAt), producer, recordedAt }
      const ended = continues(incoming, position) ? null : take()
      if (events.length === 0) first = position
      events.push(incoming)
      return ended
    },
    /** The last block. */
    end: take,
  }
}
