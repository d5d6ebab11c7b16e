import { expect } from 'vitest'
import type { ExperimentationStore, PositionedEvent } from '../port.ts'

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

/** What can be read now, as bytes to compare with what is read later. */
export async function takeReading(store: ExperimentationStore): Promise<Reading> {
  const upTo = await store.head()
  return { upTo, text: JSON.stringify(await readUpTo(store, upTo)) }
}

/**
 * The property that the design asks for: what a reading held is what its range holds now; and beyond it, that
 * positions are 1, 2, 3, … without gaps and no event has two. Returns all events.
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
    // Cut here rather than read again: that every range is a prefix of the whole is part of the property.
    if (JSON.stringify(events.slice(0, upTo)) !== text) {
      throw new Error(`what stands up to position ${upTo} has changed`)
    }
  }
  return events
}

/** Positions until nothing is left to do. */
export async function positionAll(store: ExperimentationStore): Promise<void> {
  while ((await store.assignPositions(1000)) > 0);
}
