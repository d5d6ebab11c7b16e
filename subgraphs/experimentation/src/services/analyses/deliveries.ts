import type { ExperimentationStore } from '../../datastore/port.ts'
import { createDeliveryReader, type Deliveries } from '../../domain/deliveries.ts'
import { readReports } from '../producer-reports.ts'

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
  signal?.throwIfAborted()
  for await (const { reports } of readReports(store, { after: 0, upTo: asOf })) {
    for (const report of reports) reader.add(report)
    signal?.throwIfAborted()
  }
  return reader.read()
}
