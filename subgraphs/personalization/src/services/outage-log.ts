import type { Logger } from '@bulkhead/service/logging'

/** One line when something fails, one when it works again: a worker that retries for an hour writes two. */
export type OutageLog = {
  failed(reason: string, cause?: unknown): void
  worked(): void
}

/** @param what completes "… fails" and "… works again" */
export function createOutageLog(log: Logger, what: string): OutageLog {
  let current: string | null = null
  return {
    failed(reason, cause) {
      if (current === reason) return
      current = reason
      log.warn({ reason, ...(cause === undefined ? {} : { err: cause }) }, `${what} fails; retrying`)
    },
    worked() {
      if (current !== null) log.info(`${what} works again`)
      current = null
    },
  }
}
