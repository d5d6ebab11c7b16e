import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { ENTRY_POINTS, type ServiceName } from '../environment.ts'
import { followOutput } from '../log-view.ts'
import { END_WITH_LAUNCHER } from './end-with-launcher.ts'

const RESTART_DELAY_MS = 1_000
/** Longer than the services' own drain timeout, so that it only ends what hangs. */
const STOP_TIMEOUT_MS = 15_000

export type ServiceProcess = {
  readonly name: ServiceName
  /** Resolves when the process has gone for good: stopped, or ended before `keepAlive` was called. */
  readonly ended: Promise<void>
  /** From now on the process is started again whenever it ends without `stop`. */
  keepAlive(): void
  /** Drains it; ends it by force when it takes longer than 15 s. */
  stop(): Promise<void>
}

/**
 * Runs one service as a process of its own. It gets its own process group: Ctrl-C in a terminal signals the whole
 * group at once, and the order in which the services drain is ours to choose. Should this process end without
 * `stop`, the service drains by itself.
 */
export function startService(options: {
  readonly name: ServiceName
  readonly env: Readonly<Record<string, string | undefined>>
  readonly write: (line: string) => void
}): ServiceProcess {
  const { name, env, write } = options
  let child: ChildProcess
  let restarts = false
  let stopping = false
  let timer: NodeJS.Timeout | undefined
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()

  function launch(): void {
    child = spawn(process.execPath, [...END_WITH_LAUNCHER, fileURLToPath(ENTRY_POINTS[name])], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    if (child.stdout) followOutput(name, child.stdout, write)
    if (child.stderr) followOutput(name, child.stderr, write)
    // `close`, not `exit`: when it exits, its last lines are still in the pipe.
    child.once('close', (code, signal) => {
      if (stopping || !restarts) return end()
      write(`${name} ended (${signal ?? `exit code ${code}`}); starting it again`)
      timer = setTimeout(launch, RESTART_DELAY_MS)
    })
  }
  launch()

  return {
    name,
    ended,
    keepAlive() {
      restarts = true
    },
    async stop() {
      stopping = true
      clearTimeout(timer)
      if (child.exitCode !== null || child.signalCode !== null) return end()
      const closed = once(child, 'close')
      child.kill('SIGTERM')
      const force = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
      await closed
      clearTimeout(force)
    },
  }
}
