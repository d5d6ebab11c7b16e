import type { ExposureEvent, ServedCount } from '@bulkhead/contracts'

/**
 * Upper bound on the distinct (experiment, version, variant, surface, rung) counts of a process. This many of the
 * longest possible keys still fit into one heartbeat of less than a mebibyte.
 */
const MAX_SERVED_COUNTS = 2000

/** A write that has begun and not settled. */
type InFlight = {
  /** Its slate was committed with these exposure events. Forced ones are not counted, here or anywhere. */
  served(events: readonly ExposureEvent[]): void
  /** The write has settled. One that has only missed its deadline has not: its events can still become durable. */
  end(): void
}

/** What this process has served since it started: what its heartbeats say. */
export type ServedLedger = {
  /**
   * Before a write of events; `now` is the earliest `occurredAt` among them, epoch milliseconds. Until `end`, no
   * heartbeat claims that everything up to there was delivered.
   */
  begin(now: number): InFlight
  /** Cumulative; at most `MAX_SERVED_COUNTS` of them. */
  counts(): ServedCount[]
  /** Events that ended in the dead-letter store, and slates that were served unassigned. */
  dropped(): number
  drop(n: number): void
  /** Served slates that `counts` leaves out because it is full. */
  uncounted(): number
  /** Epoch milliseconds; null where nothing is in flight. */
  oldestInFlight(): number | null
}

/** @param options.maxCounts distinct counts to keep; later ones go to `uncounted` */
export function createServedLedger(options: { readonly maxCounts?: number } = {}): ServedLedger {
  const maxCounts = options.maxCounts ?? MAX_SERVED_COUNTS
  const inFlight = new Set<{ readonly since: number }>()
  const counts = new Map<string, ServedCount>()
  let dropped = 0
  let uncounted = 0

  function count(event: ExposureEvent): void {
    const { experimentKey, experimentVersion, variantKey, surface, rung } = event
    // None of the parts can hold a space: they are contract keys, numbers and rungs.
    const key = `${experimentKey} ${experimentVersion} ${variantKey} ${surface} ${rung}`
    const known = counts.get(key)
    if (known !== undefined) known.count += 1
    else if (counts.size < maxCounts) {
      counts.set(key, { experimentKey, experimentVersion, variantKey, surface, rung, count: 1 })
    } else uncounted += 1
  }

  return {
    begin(now) {
      const entry = { since: now }
      inFlight.add(entry)
      return {
        served(events) {
          for (const event of events) if (!event.forced) count(event)
        },
        end() {
          inFlight.delete(entry)
        },
      }
    },
    counts: () => [...counts.values()].map((entry) => ({ ...entry })),
    dropped: () => dropped,
    drop(n) {
      dropped += n
    },
    uncounted: () => uncounted,
    oldestInFlight() {
      let oldest: number | null = null
      for (const { since } of inFlight) if (oldest === null || since < oldest) oldest = since
      return oldest
    },
  }
}
