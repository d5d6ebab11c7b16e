import type { GoodbyeEvent, HeartbeatEvent } from '@bulkhead/contracts'
import { allDeliveredThrough, type Producers, withReport } from './producers.ts'

/** How many slates were served in one hour that should become exposures, as all producers together say. */
export type ServedHour = {
  readonly variantKey: string
  /** Start of the UTC hour, epoch milliseconds. */
  readonly hour: number
  readonly count: number
}

/** What producers have said about one version of an experiment. */
export type Deliveries = {
  /** As `allDeliveredThrough`: epoch milliseconds, null while nobody has reported. */
  readonly through: number | null
  /** By variant and hour. */
  readonly served: readonly ServedHour[]
  /** Exposures that are missing from `served`, of all experiments: a producer could keep no more counts. */
  readonly uncounted: number
  /** Events that were given up, and slates served unassigned, of all experiments. */
  readonly dropped: number
}

export type DeliveryReader = {
  /** Heartbeats and goodbyes may come in any order, and more than once. */
  add(event: HeartbeatEvent | GoodbyeEvent): void
  read(): Deliveries
}

/** Puts the reports of producers together: a pure function of the set of reports. */
export function createDeliveryReader(about: {
  readonly experimentKey: string
  readonly version: number
}): DeliveryReader {
  let producers: Producers = new Map()
  /** The newest count of each producer, variant, surface, rung and hour. */
  const counts = new Map<string, ServedHour & { readonly sequence: number }>()
  const losses = new Map<string, { readonly sequence: number; readonly uncounted: number; dropped: number }>()

  function addCounts({ producer, sequence, served }: HeartbeatEvent | GoodbyeEvent): void {
    for (const { experimentKey, experimentVersion, variantKey, surface, rung, count, hour } of served) {
      if (experimentKey !== about.experimentKey || experimentVersion !== about.version) continue
      // Counts of earlier releases begin with their process and belong to no hour.
      if (hour === undefined) continue
      const key = JSON.stringify([producer, variantKey, surface, rung, hour])
      if ((counts.get(key)?.sequence ?? 0) >= sequence) continue
      counts.set(key, { variantKey, hour: Date.parse(hour), count, sequence })
    }
  }

  return {
    add(event) {
      const { producer, sequence, uncounted = 0, dropped } = event
      producers = withReport(producers, event)
      addCounts(event)
      if ((losses.get(producer)?.sequence ?? 0) < sequence) {
        losses.set(producer, { sequence, uncounted, dropped })
      }
    },
    read() {
      const hours = Map.groupBy(counts.values(), ({ variantKey, hour }) => JSON.stringify([variantKey, hour]))
      const served = [...hours.values()].flatMap((same): ServedHour[] => {
        const [first] = same
        if (first === undefined) return []
        const { variantKey, hour } = first
        return [{ variantKey, hour, count: same.reduce((sum, { count }) => sum + count, 0) }]
      })
      const all = [...losses.values()]
      return {
        through: allDeliveredThrough(producers),
        served,
        uncounted: all.reduce((sum, loss) => sum + loss.uncounted, 0),
        dropped: all.reduce((sum, loss) => sum + loss.dropped, 0),
      }
    },
  }
}
