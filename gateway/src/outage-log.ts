import type { Clock } from '@bulkhead/service/clock'
import type { Logger } from '@bulkhead/service/logging'

/** So long nothing may fail before an outage counts as over: a subgraph that wavers must not write a line a request. */
const QUIET_MS = 5_000

export type OutageLog = {
  failed(fields: Readonly<Record<string, unknown>>): void
  succeeded(): void
}

/** Says once that fetches to a subgraph fail and once that they succeed again; each failure besides at debug. */
export function createOutageLog(options: {
  readonly subgraph: string
  readonly clock: Clock
  readonly log: Logger
}): OutageLog {
  const { clock } = options
  const log = options.log.child({ subgraph: options.subgraph })
  let outage: { lastFailureAt: number; failures: number } | undefined
  return {
    failed(fields) {
      if (outage) log.debug(fields, 'subgraph fetch failed')
      else log.warn(fields, 'subgraph fetches fail; those after this one are told at debug')
      outage = { lastFailureAt: clock.now(), failures: (outage?.failures ?? 0) + 1 }
    },
    succeeded() {
      if (!outage || clock.now() - outage.lastFailureAt < QUIET_MS) return
      log.info({ failures: outage.failures }, 'subgraph fetches succeed again')
      outage = undefined
    },
  }
}
