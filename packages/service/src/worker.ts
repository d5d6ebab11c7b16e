import { systemClock } from './clock.ts'
import { createFailureLog } from './failure-log.ts'
import type { Logger } from './logging.ts'
import type { Random } from './random.ts'

/** What runs in the background of a service. `stop` resolves when nothing of it runs any more. */
export type Worker = {
  readonly name: string
  start(): void
  stop(): Promise<void>
}

export type PeriodicWorker = Worker & {
  /** Runs a turn soon. Resolves when a turn that began after this call has ended, or the worker has stopped. */
  wake(): Promise<void>
}

export type PeriodicWorkerOptions = {
  name: string
  /** Milliseconds between the end of a turn and the start of the next. */
  intervalMs: number
  /** 0 to 1: each pause is the interval, plus or minus up to this share of it. */
  jitter: number
  /** One turn; the signal aborts when the worker stops. After a rejection the next turn comes all the same. */
  run(signal: AbortSignal): Promise<void>
  log: Logger
  random: Pick<Random, 'next'>
}

/**
 * Runs `run` again and again: at once after `start`, then after each pause, never two turns at a time.
 * Its timer does not keep the process alive.
 */
export function createPeriodicWorker(options: PeriodicWorkerOptions): PeriodicWorker {
  const { name, intervalMs, jitter, run, random } = options
  const failures = createFailureLog({
    log: options.log.child({ worker: name }),
    clock: systemClock,
    what: `worker ${name}`,
  })
  const controller = new AbortController()
  let state: 'idle' | 'waiting' | 'running' | 'stopped' = 'idle'
  let timer: NodeJS.Timeout | undefined
  let turn: Promise<void> = Promise.resolve()
  let wakers: (() => void)[] = []

  function schedule(delayMs: number): void {
    state = 'waiting'
    clearTimeout(timer)
    timer = setTimeout(() => {
      turn = takeTurn()
    }, delayMs)
    timer.unref()
  }

  async function takeTurn(): Promise<void> {
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
    // Read anew: `stop` may have been called during the turn.
    if (!controller.signal.aborted) schedule(wakers.length > 0 ? 0 : pause())
  }

  const pause = () => intervalMs * (1 + jitter * (2 * random.next() - 1))

  return {
    name,
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
      await turn
      for (const resolve of wakers.splice(0)) resolve()
    },
  }
}
