import type { Clock } from '@bulkhead/service/clock'
import type { Logger } from '@bulkhead/service/logging'

/** Logs a repeated failure at most once in `intervalMs`, with how many went unsaid; metrics have them all. */
export type ThrottledWarning = (kind: string, error: unknown, message: string) => void

/** `kind` must come from a small fixed set: each is remembered. */
export function createThrottledWarning(deps: {
  readonly log: Logger
  readonly clock: Clock
  readonly intervalMs: number
}): ThrottledWarning {
  const kinds = new Map<string, { saidAt: number; unsaid: number }>()
  return (kind, error, message) => {
    const now = deps.clock.now()
    const known = kinds.get(kind)
    if (known !== undefined && now - known.saidAt < deps.intervalMs) {
      known.unsaid++
      return
    }
    deps.log.warn({ err: error, kind, unsaid: known?.unsaid ?? 0 }, message)
    kinds.set(kind, { saidAt: now, unsaid: 0 })
  }
}
