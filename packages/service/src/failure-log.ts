import type { Clock } from './clock.ts'
import type { Logger } from './logging.ts'

/** Logs repeated failures without a line for each. */
export type FailureLog = {
  /**
   * @param reason a code or a word from a small fixed set
   * @param fields of the log line, such as `{ err }`
   */
  failed(reason: string, fields?: Readonly<Record<string, unknown>>): void
  succeeded(): void
}

/** More than any caller has. With more reasons than this all are forgotten, and may be warned of a second time. */
const MAX_REASONS = 100

/**
 * The first failure of an outage is logged as a warning, and so is the first one with another reason; the rest is
 * logged at debug. A success ends the outage with one line at info.
 *
 * @param options.what completes "… failing" and "… working again"
 * @param options.meanwhile what happens until it works again, "retrying" by default
 * @param options.quietMs an outage ends only with a success after so long without a failure, so that something that
 *   fails every other time does not write two lines each time
 * @param options.repeatMs how long until the same reason is a warning again, with the number of failures in between;
 *   for callers that never say that something succeeded
 */
export function createFailureLog(options: {
  readonly log: Logger
  readonly clock: Clock
  readonly what: string
  readonly meanwhile?: string
  readonly quietMs?: number
  readonly repeatMs?: number
}): FailureLog {
  const {
    log,
    clock,
    what,
    meanwhile = 'retrying',
    quietMs = 0,
    repeatMs = Number.POSITIVE_INFINITY,
  } = options
  const message = `${what} failing; ${meanwhile}`
  const reasons = new Map<string, { warnedAt: number; suppressed: number }>()
  let failures = 0
  let lastFailureAt = 0

  return {
    failed(reason, fields) {
      const now = clock.now()
      failures += 1
      lastFailureAt = now
      const known = reasons.get(reason)
      if (known !== undefined && now - known.warnedAt < repeatMs) {
        known.suppressed += 1
        log.debug({ reason, ...fields }, message)
        return
      }
      const suppressed = known === undefined ? {} : { suppressed: known.suppressed }
      log.warn({ reason, ...suppressed, ...fields }, message)
      if (reasons.size >= MAX_REASONS) reasons.clear()
      reasons.set(reason, { warnedAt: now, suppressed: 0 })
    },
    succeeded() {
      if (failures === 0 || clock.now() - lastFailureAt < quietMs) return
      log.info({ failures }, `${what} working again`)
      reasons.clear()
      failures = 0
    },
  }
}
