import type { Interaction } from '../../domain/interaction.ts'
import type { OutboxEntry, PersonalizationStore } from '../port.ts'

/** The user's newest interactions, newest first. */
export async function newestInteractions(
  store: Pick<PersonalizationStore, 'findInteractions'>,
  userId: string,
  limit: number,
): Promise<readonly Interaction[]> {
  return (await store.findInteractions({ userId, limit, after: null })).interactions
}

/** The event ids of outbox entries: their own ids differ between the adapters. */
export function eventIdsOf(entries: readonly OutboxEntry[]): readonly string[] {
  return entries.flatMap(({ events }) => events.map(({ eventId }) => eventId))
}

/** Delivers all that is due at `now`, and returns its entries. */
export async function deliverAll(store: PersonalizationStore, now: number): Promise<readonly OutboxEntry[]> {
  const delivered: OutboxEntry[] = []
  for (;;) {
    const { token, entries } = await store.claimOutbox({ now, leaseMs: 60_000, limit: 500 })
    if (entries.length === 0) return delivered
    await store.completeOutbox(
      token,
      entries.map(({ id }) => id),
    )
    delivered.push(...entries)
  }
}

/** The order that both datastores keep text in: that of its UTF-8 bytes, which is the order of code points. */
export function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
