import { systemClock } from './clock.ts'
import { createFailureLog } from './failure-log.ts'
import type { Logger } from './logging.ts'
import type { Random } from './random.ts'

/** A task in the background of a service, run again and again. */
export type Worker = {
  start(): void
  /** Runs soon. Resolves when a run that began after this call has ended, or when the worker has stopped. */
  wake(): Promise<void>
  /** Aborts the run under way. Resolves when it has ended; no other follows. */
  stop(): Promise<void>
}

export type PeriodicWorkerOptions = {
  name: string
  /** Milliseconds between the end of a run and the start of the next. */
  intervalMs: number
  /** 0 to 1: each pause is the interval, plus or minus up to this share of it. */
  jitter: number
  /** One run; the signal aborts when the worker stops. After a rejection the next run comes as usual. */
  run(signal: AbortSignal): Promise<void>
  log: Logger
  random: Pick<Random, 'next'>
}

/**
 * Runs `run` again and again: at once after `start`, then after each pause, never two at a time.
 * Its timer does not keep the process alive.
 */
export function createPeriodicWorker(options: PeriodicWorkerOptions): Worker {
  const { name, intervalMs, jitter, run, random } = options
  const failures = createFailureLog({
    log: options.log.child({ worker: name }),
    clock: systemClock,
    what: `worker ${name}`,
  })
  const controller = new AbortController()
  let state: 'idle' | 'waiting' | 'running' | 'stopped' = 'idle'
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  let wakers: (() => void)[] = []

  function schedule(delayMs: number): void {
    state = 'waiting'
    clearTimeout(timer)
    timer = setTimeout(() => {
      running = runOnce()
    }, delayMs)
    timer.unref()
  }

  async function runOnce(): Promise<void> {
    state = 'running'
    const served = wakers
    wakers = []
    try {
      await run(controller.signal)
      failures.succeeded()
    } catch (error) {
      if (!controller.signal.aborted) failures.failed('RUN_FAILED', { err: error })
    }
    for (const resolve of served) resolve()
    // `stop` may have been called during the run.
    if (!controller.signal.aborted) schedule(wakers.length > 0 ? 0 : pause())
  }

  const pause = () => intervalMs * (1 + jitter * (2 * random.next() - 1))

  return {
    start() {
      if (state === 'idle') schedule(0)
    },
    wake() {
      if (state === 'stopped') return Promise.resolve()
      return new Promise((resolve) => {
        wakers.push(resolve)
        if (state === 'waiting') schedule(0)
      })
    },
    async stop() {
      state = 'stopped'
      clearTimeout(timer)
      controller.abort()
      await running
      for (const resolve of wakers.splice(0)) resolve()
    },
  }
}
