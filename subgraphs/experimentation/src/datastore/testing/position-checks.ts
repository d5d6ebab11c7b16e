import { expect } from 'vitest'
import type { ExperimentationStore, IncomingEvent, PositionedEvent } from '../port.ts'

/** As it is read again, but for its position. */
export function withoutTime({ occurredAt: _, ...event }: IncomingEvent): Omit<PositionedEvent, 'position'> {
  return event
}

/** Every event up to a position, through as many pages as it takes. */
export async function readUpTo(
  store: Pick<ExperimentationStore, 'eventsBetween'>,
  upTo: number,
  limit = 1000,
): Promise<PositionedEvent[]> {
  const events: PositionedEvent[] = []
  for (;;) {
    const page = await store.eventsBetween({ after: events.at(-1)?.position ?? 0, upTo, limit })
    events.push(...page)
    if (page.length < limit) return events
  }
}

export type Reading = { readonly upTo: number; readonly text: string }

/** Everything that can be read now, as text to compare with later readings. */
export async function takeReading(store: ExperimentationStore): Promise<Reading> {
  const upTo = await store.head()
  return { upTo, text: JSON.stringify(await readUpTo(store, upTo)) }
}

/**
 * Checks that each reading still holds the same events, that positions are 1, 2, 3, … without gaps, and that no event
 * has two. Returns all events.
 */
export async function expectSettled(
  store: ExperimentationStore,
  readings: readonly Reading[],
): Promise<PositionedEvent[]> {
  const head = await store.head()
  const events = await readUpTo(store, head)
  expect(events.map((event) => event.position)).toEqual(events.map((_, index) => index + 1))
  expect(events).toHaveLength(head)
  expect(new Set(events.map(({ event }) => event.eventId)).size).toBe(events.length)
  for (const { upTo, text } of readings) {
    // A slice and not a second read, because every range must be a prefix of the whole.
    if (JSON.stringify(events.slice(0, upTo)) !== text) {
      throw new Error(`the events up to position ${upTo} have changed`)
    }
  }
  return events
}

/** Gives positions until every event has one. */
export async function positionAll(store: ExperimentationStore): Promise<void> {
  while ((await store.assignPositions(1000)) > 0);
}
