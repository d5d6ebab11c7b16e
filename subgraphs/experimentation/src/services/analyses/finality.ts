import type { ExperimentationStore } from '../../datastore/port.ts'
import { allDeliveredThrough, type Producers, withReport } from '../../domain/producers.ts'

const REPORTS_PER_READ = 500

/**
 * Whether every producer had delivered everything that occurred before the cutoff, by the heartbeats and goodbyes up to a
 * position: a function of the log, so it does not depend on when it is asked. False while no producer has reported.
 */
export async function isFinalAt(
  store: Pick<ExperimentationStore, 'eventsBetween'>,
  { cutoff, asOf }: { readonly cutoff: number; readonly asOf: number },
  signal: AbortSignal,
): Promise<boolean> {
  let producers: Producers = new Map()
  for (let after = 0; after < asOf; ) {
    signal.throwIfAborted()
    const reports = await store.eventsBetween({
      after,
      upTo: asOf,
      limit: REPORTS_PER_READ,
      kinds: ['heartbeat', 'goodbye'],
    })
    for (const { event } of reports) {
      if (event.kind === 'heartbeat' || event.kind === 'goodbye') producers = withReport(producers, event)
    }
    after = reports.length < REPORTS_PER_READ ? asOf : (reports.at(-1)?.position ?? asOf)
  }
  const through = allDeliveredThrough(producers)
  return through !== null && through >= cutoff - 1
}
