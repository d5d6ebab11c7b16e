import type { ExperimentationStore } from '../../datastore/port.ts'
import { createDeliveryReader, type Deliveries } from '../../domain/deliveries.ts'

const REPORTS_PER_READ = 500

/**
 * What producers had said by a position about one version of an experiment: a function of the log, so it does not depend on
 * when it is asked.
 */
export async function readDeliveries(
  store: Pick<ExperimentationStore, 'eventsBetween'>,
  { asOf, ...about }: { readonly experimentKey: string; readonly version: number; readonly asOf: number },
  signal?: AbortSignal,
): Promise<Deliveries> {
  const reader = createDeliveryReader(about)
  for (let after = 0; after < asOf; ) {
    signal?.throwIfAborted()
    const reports = await store.eventsBetween({
      after,
      upTo: asOf,
      limit: REPORTS_PER_READ,
      kinds: ['heartbeat', 'goodbye'],
    })
    for (const { event } of reports) {
      if (event.kind === 'heartbeat' || event.kind === 'goodbye') reader.add(event)
    }
    after = reports.length < REPORTS_PER_READ ? asOf : (reports.at(-1)?.position ?? asOf)
  }
  return reader.read()
}
