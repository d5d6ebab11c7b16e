import type { Clock } from '@bulkhead/service/clock'
import type { CountedExposure, ExperimentationStore, PositionedEvent } from '../datastore/port.ts'
import { exposureTime, isCounted } from '../domain/counting.ts'

export type ExposureCounting = {
  /** Counts the next exposures; true if there are more to count. Rejects with DatastoreUnavailableError. */
  step(): Promise<boolean>
}

export type ExposureCountingOptions = {
  readonly store: Pick<
    ExperimentationStore,
    | 'addCounts'
    | 'assignPositions'
    | 'countedThrough'
    | 'eventsBetween'
    | 'experimentsByKeys'
    | 'head'
    | 'unpositioned'
  >
  readonly clock: Clock
  /** How long after its arrival an exposure is counted at the earliest, milliseconds. */
  readonly delayMs: number
}

const EXPOSURES_PER_STEP = 2_000
const CALLS_PER_POSITIONING = 1_000
/** How old `asOf` may become where nothing arrives. */
const IDLE_MS = 2_000
const DAY_MS = 86_400_000

/**
 * Follows the events by their positions and counts exposures. Whether one counts is judged here and not on arrival: when
 * it is judged, every stop or pause up to its time is stored, as long as the clocks of the replicas differ by less than
 * the delay. So the order of arrival changes no count, and none has to be corrected.
 */
export function createExposureCounting(options: ExposureCountingOptions): ExposureCounting {
  const { store, clock, delayMs } = options

  async function counted(events: readonly PositionedEvent[]): Promise<CountedExposure[]> {
    const exposures = events.flatMap(({ event, recordedAt }) =>
      event.kind === 'exposure' ? [{ event, recordedAt }] : [],
    )
    const keys = [...new Set(exposures.map(({ event }) => event.experimentKey))]
    if (keys.length === 0) return []
    const experiments = await store.experimentsByKeys(keys)
    const known = new Map(experiments.map((experiment) => [experiment.key, experiment]))
    return exposures.flatMap(({ event, recordedAt }): CountedExposure[] => {
      const experiment = known.get(event.experimentKey)
      if (experiment === undefined || !isCounted(event, recordedAt, experiment)) return []
      const { experimentKey, variantKey, surface, rung, unit } = event
      const day = Math.floor(exposureTime(event, recordedAt) / DAY_MS) * DAY_MS
      return [{ experimentKey, variantKey, day, surface, rung, unit }]
    })
  }

  return {
    async step() {
      await store.assignPositions(CALLS_PER_POSITIONING)
      // In this order: what has a position by then was unpositioned before, or is below the head.
      const { oldest } = await store.unpositioned()
      const settled = Math.min(clock.now() - delayMs, oldest === null ? Number.POSITIVE_INFINITY : oldest - 1)
      const [before, head] = await Promise.all([store.countedThrough(), store.head()])
      // After a failover a head may lag for a moment.
      if (head < before.position) return false
      const page = await store.eventsBetween({
        after: before.position,
        upTo: head,
        limit: EXPOSURES_PER_STEP,
        kinds: ['exposure'],
      })
      const unsettled = page.find(({ recordedAt }) => recordedAt > settled)
      const more = unsettled === undefined && page.length === EXPOSURES_PER_STEP
      const end = more ? (page.at(-1)?.position ?? head) : head
      const position = unsettled === undefined ? end : unsettled.position - 1
      const asOf = more ? before.asOf : Math.max(before.asOf, settled)
      if (position > before.position || asOf - before.asOf > IDLE_MS) {
        await store.addCounts({
          from: before.position,
          through: { position, asOf },
          exposures: await counted(page.filter((event) => event.position <= position)),
        })
      }
      return more
    },
  }
}
