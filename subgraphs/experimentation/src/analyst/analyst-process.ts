import { type ChildProcess, fork } from 'node:child_process'
import type { Logger } from '@bulkhead/service/logging'
import { giveWay } from './give-way.ts'

/** What is computed beside a replica waits for what the replica does, where both want the same core. */
const NICE = 10
const RESTART = { firstMs: 500, maxMs: 60_000 }
/** A process that ran for so long did not fail at its start. */
const STABLE_MS = 60_000

export type AnalystProcess = {
  /** Ends it, and waits until it has ended: for a while, then it is killed. */
  stop(): Promise<void>
}

/**
 * Starts the analyst as a process beside this one: so the event loop and the memory of this one are not touched by it, and
 * the system can give it less of the processor. It is started again when it ends, and ends when this process does.
 */
export function startAnalystProcess(options: {
  readonly drainTimeoutMs: number
  readonly log: Logger
}): AnalystProcess {
  const { drainTimeoutMs, log } = options
  let child: ChildProcess | null = null
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let pauseMs = RESTART.firstMs
  let ended: Promise<void> = Promise.resolve()

  function start(): void {
    const startedAt = performance.now()
    const started = fork(new URL('./analyst-main.ts', import.meta.url), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // Those of this process are about this process, such as ending with its launcher. NODE_OPTIONS is inherited.
      execArgv: [],
      // Ctrl-C reaches the whole group of a terminal, and this process sends SIGTERM besides: the second signal would end
      // the analyst before it has given up its lease. It ends with this process all the same.
      detached: true,
    })
    child = started
    // Where it is not allowed, it has the same priority.
    started.once('spawn', () => {
      try {
        if (started.pid !== undefined) giveWay(started.pid, NICE)
      } catch (error) {
        log.debug({ err: error }, 'the analyst keeps its priority')
      }
    })
    const { promise, resolve } = Promise.withResolvers<void>()
    ended = promise
    let isOver = false
    function over(how: Readonly<Record<string, unknown>>): void {
      if (isOver) return
      isOver = true
      child = null
      resolve()
      if (stopped) return
      if (performance.now() - startedAt > STABLE_MS) pauseMs = RESTART.firstMs
      log.error({ ...how, restartInMs: pauseMs }, 'the analyst has ended, and is started again')
      timer = setTimeout(start, pauseMs)
      timer.unref()
      pauseMs = Math.min(RESTART.maxMs, pauseMs * 2)
    }
    started.once('exit', (code, signal) => over({ code, signal }))
    started.once('error', (err) => over({ err }))
  }

  start()
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      if (child === null) return
      const stopping = child
      stopping.kill('SIGTERM')
      const kill = setTimeout(() => stopping.kill('SIGKILL'), drainTimeoutMs)
      await ended
      clearTimeout(kill)
    },
  }
}
