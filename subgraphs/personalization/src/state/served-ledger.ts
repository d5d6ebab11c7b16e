import type { ExposureEvent, ServedCount, ServedEvent } from '@bulkhead/contracts'

/**
 * Upper bound on the distinct (experiment, version, variant, surface, rung, hour) counts that wait to be acknowledged.
 * This many of the longest possible keys still fit into one heartbeat of less than a mebibyte.
 */
const MAX_WAITING_COUNTS = 2000
const HOUR_MS = 3_600_000

/** A write that has begun and not settled. */
type InFlight = {
  /** Its slate was committed with these events. Forced ones are not counted, here or anywhere. */
  served(events: readonly (ExposureEvent | ServedEvent)[]): void
  /** The write has settled. One that has only missed its deadline has not: its events can still become durable. */
  end(): void
}

/** What a heartbeat says of this process. */
export type ServedReport = {
  /** Each count is what was served in its hour so far; at most `MAX_WAITING_COUNTS` of them. */
  readonly served: ServedCount[]
  /** Events that ended in the dead-letter store, and slates that were served unassigned. */
  readonly dropped: number
  /** Served slates that `served` leaves out because there are too many counts. */
  readonly uncounted: number
  /** Start of the first hour that can still change, epoch milliseconds. */
  readonly openFrom: number
}

/** What this process has served, by hour: what its heartbeats say. */
export type ServedLedger = {
  /**
   * Before a write of events; `now` is the earliest `occurredAt` among them, epoch milliseconds. Until `end`, no
   * heartbeat claims that everything up to there was delivered.
   */
  begin(now: number): InFlight
  /** @param now epoch milliseconds */
  report(now: number): ServedReport
  /** A heartbeat with this report has arrived: hours that cannot change any more need not be told again. */
  acknowledge(report: Pick<ServedReport, 'openFrom'>): void
  drop(n: number): void
  /** See `ServedReport`. */
  uncounted(): number
  /** Epoch milliseconds; null where nothing is in flight. */
  oldestInFlight(): number | null
}

/** @param options.maxCounts distinct counts to keep; later ones go to `uncounted` */
export function createServedLedger(options: { readonly maxCounts?: number } = {}): ServedLedger {
  const maxCounts = options.maxCounts ?? MAX_WAITING_COUNTS
  const inFlight = new Set<{ readonly since: number }>()
  const counts = new Map<string, { readonly startsAt: number; readonly count: ServedCount }>()
  /** Hours before this one were acknowledged. */
  let openFrom = Number.NEGATIVE_INFINITY
  let dropped = 0
  let uncounted = 0

  function count(event: ExposureEvent | ServedEvent): void {
    const { experimentKey, experimentVersion, variantKey, surface, rung, occurredAt } = event
    // A clock that went back would begin an acknowledged hour anew, and its count would replace the one that was told.
    const startsAt = Math.max(hourOf(Date.parse(occurredAt)), openFrom)
    // None of the parts can hold a space: they are contract keys, numbers and rungs.
    const key = `${experimentKey} ${experimentVersion} ${variantKey} ${surface} ${rung} ${startsAt}`
    const known = counts.get(key)
    if (known !== undefined) known.count.count += 1
    else if (counts.size < maxCounts) {
      const hour = new Date(startsAt).toISOString()
      const first = { experimentKey, experimentVersion, variantKey, surface, rung, count: 1, hour }
      counts.set(key, { startsAt, count: first })
    } else uncounted += 1
  }

  function oldestInFlight(): number | null {
    let oldest: number | null = null
    for (const { since } of inFlight) if (oldest === null || since < oldest) oldest = since
    return oldest
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
    report: (now) => ({
      served: [...counts.values()].map((entry) => ({ ...entry.count })),
      dropped,
      uncounted,
      openFrom: hourOf(Math.min(now, oldestInFlight() ?? now)),
    }),
    acknowledge(report) {
      openFrom = Math.max(openFrom, report.openFrom)
      for (const [key, { startsAt }] of counts) if (startsAt < openFrom) counts.delete(key)
    },
    drop(n) {
      dropped += n
    },
    uncounted: () => uncounted,
    oldestInFlight,
  }
}

/** Start of the UTC hour. */
function hourOf(instant: number): number {
  return Math.floor(instant / HOUR_MS) * HOUR_MS
}
