import type { GoodbyeEvent, HeartbeatEvent } from '@bulkhead/contracts'
import type { ExperimentationStore } from '../datastore/port.ts'

const REPORTS_PER_READ = 500

type ReportPage = {
  readonly reports: readonly (HeartbeatEvent | GoodbyeEvent)[]
  /** The position up to which they have been read. */
  readonly through: number
}

/** Heartbeats and goodbyes with `after < position <= upTo`, in the order of their positions; one page is in memory at a time. */
export async function* readReports(
  store: Pick<ExperimentationStore, 'eventsBetween'>,
  { after: first, upTo }: { readonly after: number; readonly upTo: number },
): AsyncGenerator<ReportPage, void, void> {
  for (let after = first; after < upTo; ) {
    const reports = await store.eventsBetween({
      after,
      upTo,
      limit: REPORTS_PER_READ,
      kinds: ['heartbeat', 'goodbye'],
    })
    after = reports.length < REPORTS_PER_READ ? upTo : (reports.at(-1)?.position ?? upTo)
    const events = reports.flatMap(({ event }) =>
      event.kind === 'heartbeat' || event.kind === 'goodbye' ? [event] : [],
    )
    yield { reports: events, through: after }
  }
}
