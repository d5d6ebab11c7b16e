import { withDeadline } from '@bulkhead/service/deadline'
import type { ReadinessReport } from '@bulkhead/service/http-server'
import type { Logger } from '@bulkhead/service/logging'
import type { ExperimentationStore } from '../datastore/port.ts'

/** Shorter than the deadline of `/readyz` itself, so that the report names the datastore when it hangs. */
const PING_DEADLINE_MS = 1_000

/** What `/readyz` says: ready while the datastore answers. Experimentation depends on nothing else. */
export function createReadiness(options: {
  readonly store: Pick<ExperimentationStore, 'ping'>
  readonly log: Logger
}): () => Promise<ReadinessReport> {
  const { store, log } = options
  return async () => {
    try {
      await withDeadline(
        store.ping(),
        PING_DEADLINE_MS,
        () => new Error(`no answer in ${PING_DEADLINE_MS} ms`),
      )
      return { ready: true, checks: { datastore: { ok: true } } }
    } catch (error) {
      log.warn({ err: error }, 'datastore does not answer')
      return { ready: false, checks: { datastore: { ok: false, detail: 'does not answer; see the log' } } }
    }
  }
}
