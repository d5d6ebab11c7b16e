import type { ClaimedEntry, ClaimedEvent } from './pack-events.ts'

/** An entry of a claim that is still in the outbox. */
export type OpenEntry = {
  readonly id: string
  readonly attempts: number
  /** How many of its events are neither durable at the receiver nor kept as dead letters. */
  readonly unsettled: number
}

/** When what is left of a claim is due again. */
export type ReleaseTimes = {
  /** Epoch milliseconds. */
  readonly dueAt: number
  /** Events of the request that failed; their entries wait longer. */
  readonly tried: readonly ClaimedEvent[]
  /** How much longer, by an entry's earlier attempts; milliseconds. */
  readonly pauseMs: (attempts: number) => number
}

type Release = { readonly entryIds: readonly string[]; readonly dueAt: number }

export function openEntries(entries: readonly ClaimedEntry[]): OpenEntry[] {
  return entries.map(({ id, attempts, events }) => ({ id, attempts, unsettled: events.length }))
}

/**
 * Applies what one batch has settled. An entry is completed as soon as all of its events are settled, in whatever
 * batches.
 *
 * Events are counted, not compared: each event of a claim travels in one batch, so the count is exact also where ids
 * repeat. Two entries can carry the same event (two impressions of one slate expose the user once); each waits for its
 * own copy, and the receiver drops the second by its id.
 */
export function settleEvents(
  open: readonly OpenEntry[],
  settled: readonly ClaimedEvent[],
): { readonly completed: readonly string[]; readonly open: readonly OpenEntry[] } {
  const counts = new Map<string, number>()
  for (const { entryId } of settled) counts.set(entryId, (counts.get(entryId) ?? 0) + 1)
  const after = open.map((entry) => ({ ...entry, unsettled: entry.unsettled - (counts.get(entry.id) ?? 0) }))
  return {
    completed: after.filter(({ unsettled }) => unsettled === 0).map(({ id }) => id),
    open: after.filter(({ unsettled }) => unsettled > 0),
  }
}

/**
 * What is left of a claim, grouped by when it is due again. Entries of the request that failed wait longer than the
 * relay itself does: if one of their events makes the receiver fail, the relay's next request has other events, and
 * succeeds.
 */
export function releaseEntries(open: readonly OpenEntry[], times: ReleaseTimes): Release[] {
  const tried = new Set(times.tried.map(({ entryId }) => entryId))
  const groups = Map.groupBy(open, ({ id, attempts }) =>
    tried.has(id) ? times.dueAt + times.pauseMs(attempts) : times.dueAt,
  )
  return [...groups].map(([dueAt, entries]) => ({ entryIds: entries.map(({ id }) => id), dueAt }))
}
