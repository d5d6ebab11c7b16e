/** What cockatiel's `halfOpenAfter` takes: a pause that is asked whether it is over. */
type Pause = { readonly duration: number; next(): Pause }

/**
 * A circuit breaker's pause of `ms` milliseconds before a probe, for cockatiel's `halfOpenAfter`. cockatiel measures a
 * pause on the system clock: if that is set back by an hour, the circuit stays open for an hour. This one is measured on
 * a monotonic clock: as cockatiel sees it, it is endless until it is over.
 *
 * @param now milliseconds on a monotonic clock
 */
export function probeAfter(ms: number, now: () => number = () => performance.now()): { next(): Pause } {
  function begin(): Pause {
    const startedAt = now()
    return {
      get duration() {
        return now() - startedAt < ms ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
      },
      next: begin,
    }
  }
  return { next: begin }
}
