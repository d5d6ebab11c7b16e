import type { Clock } from './clock.ts'
import type { Random } from './random.ts'

/** Upper bound on the exponent, so that the delay stays a number of milliseconds. */
const MAX_DOUBLINGS = 30

/**
 * A pause with full jitter: uniform between 0 and `baseMs * 2^failures`, at most `maxMs`. The jitter keeps replicas from
 * all returning at the same moment.
 */
export function jitteredDelay(
  failures: number,
  limits: { readonly baseMs: number; readonly maxMs: number },
  random: Pick<Random, 'next'>,
): number {
  const ceiling = Math.min(limits.maxMs, limits.baseMs * 2 ** Math.min(failures, MAX_DOUBLINGS))
  return Math.ceil(random.next() * ceiling)
}

type Backoff = {
  /** True from a failure until the next success. */
  isFailing(): boolean
  /** True until the next try is due. */
  isWaiting(): boolean
  /**
   * @param atLeastMs what the other side asks for
   * @returns when the next try is due, epoch milliseconds
   */
  failed(atLeastMs: number | null): number
  succeeded(): void
}

export function createBackoff(options: {
  readonly baseMs: number
  readonly maxMs: number
  readonly clock: Clock
  readonly random: Pick<Random, 'next'>
}): Backoff {
  const { clock, random } = options
  let failures = 0
  let failedAt = 0
  let until = 0

  /** A clock that was set back to before the failure says nothing about the pause, which could last for hours then. */
  function isWithinPause(): boolean {
    const now = clock.now()
    return now >= failedAt && now < until
  }

  return {
    isFailing: () => failures > 0,
    isWaiting: () => failures > 0 && isWithinPause(),
    failed(atLeastMs) {
      failedAt = clock.now()
      until = failedAt + Math.max(jitteredDelay(failures, options, random), atLeastMs ?? 0)
      failures += 1
      return until
    },
    succeeded() {
      failures = 0
    },
  }
}
