import { performance } from 'node:perf_hooks'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import {
  BUSY,
  CLOSE_TO_TARGET,
  FULL_QUALITY,
  nextQualityFactor,
  QUALITY_STEP,
  type QualityWindow,
} from '../../domain/pipeline/quality/quality-factor.ts'

const WINDOW_MS = 1_000

/** After so many windows without a slate the factor is full, whatever it was before. */
const MAX_IDLE_WINDOWS = FULL_QUALITY / QUALITY_STEP

/** Shrinks the candidate width while slates take too long because the process is overloaded. */
export type QualityControl = {
  /** What the next slate is to be made with, in (0, 1]. */
  factor(): number
  /** How long a slate took, milliseconds. */
  record(elapsedMs: number): void
}

export type EventLoop = {
  /** Milliseconds on a monotonic clock: one that jumps would make slates look late. */
  now(): number
  /** Share of the time since the call before that the event loop was busy, 0 to 1. */
  busy(): number
}

/** The event loop of this process, as Node measures it. */
export function measureEventLoop(): EventLoop {
  let before = performance.eventLoopUtilization()
  return {
    now: () => performance.now(),
    busy() {
      const current = performance.eventLoopUtilization()
      const { utilization } = performance.eventLoopUtilization(current, before)
      before = current
      return utilization
    },
  }
}

/** @param options.targetMs what the 99th percentile of the time of a slate is to stay below */
export function createQualityControl(options: {
  readonly targetMs: number
  readonly eventLoop: EventLoop
  readonly log: Logger
  readonly metrics: Metrics
}): QualityControl {
  const { targetMs, eventLoop, log } = options
  let factor = FULL_QUALITY
  let windowStart = eventLoop.now()
  let slates = 0
  let late = 0
  let closeToLate = 0

  function closeWindows(): void {
    const passed = Math.floor((eventLoop.now() - windowStart) / WINDOW_MS)
    if (passed < 1) return
    const window: QualityWindow = { slates, late, closeToLate, busy: eventLoop.busy() }
    const before = factor
    factor = nextQualityFactor(factor, window)
    // Further windows have passed because nobody asked; or because the event loop was blocked, which is no recovery.
    const idleWindows = window.busy < BUSY ? Math.min(passed, MAX_IDLE_WINDOWS) - 1 : 0
    for (let idle = 0; idle < idleWindows; idle++) {
      factor = nextQualityFactor(factor, { slates: 0, late: 0, closeToLate: 0, busy: 0 })
    }
    if (before === FULL_QUALITY && factor < FULL_QUALITY) {
      log.warn({ targetMs, slates, late, factor }, 'overloaded: slates are made from fewer candidates')
    }
    if (before < FULL_QUALITY && factor === FULL_QUALITY) {
      log.info('slates are made from all candidates again')
    }
    windowStart += passed * WINDOW_MS
    slates = 0
    late = 0
    closeToLate = 0
  }

  function current(): number {
    closeWindows()
    return factor
  }

  options.metrics.gauge({
    name: 'bulkhead_quality_factor',
    help: 'Share of the full candidate width that slates are made with; below 1 the process is overloaded',
    collect() {
      this.set(current())
    },
  })

  return {
    factor: current,
    record(elapsedMs) {
      slates++
      if (elapsedMs > CLOSE_TO_TARGET * targetMs) closeToLate++
      if (elapsedMs > targetMs) late++
    },
  }
}
