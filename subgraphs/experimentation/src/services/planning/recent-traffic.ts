import type { ExperimentationStore } from '../../datastore/port.ts'
import { unitsPerDay } from '../../domain/plan/traffic.ts'

export type TrafficStore = Pick<ExperimentationStore, 'findExperiments' | 'exposureCounts'>

/** The experiments that were started last; traffic is that of the busiest. */
const CONSIDERED = 50

/**
 * New units a day that an experiment could have, from the counters of exposures: two reads, however many events there are.
 * Null where no experiment has had exposures lately. Rejects with DatastoreUnavailableError.
 * @param now epoch milliseconds
 */
export async function recentTraffic(store: TrafficStore, now: number): Promise<number | null> {
  const { experiments } = await store.findExperiments({
    filter: { statuses: ['RUNNING', 'PAUSED', 'STOPPED', 'DECIDED'] },
    orderBy: { field: 'STARTED_AT', direction: 'DESC' },
    limit: CONSIDERED,
    after: null,
  })
  if (experiments.length === 0) return null
  const keys = experiments.map(({ key }) => key)
  const counts = await store.exposureCounts(keys, [])
  const counted = experiments.flatMap((experiment) => {
    const [total] = counts.get(experiment.key) ?? []
    return total === undefined ? [] : [{ experiment, counted: total }]
  })
  return unitsPerDay(counted, now)
}
