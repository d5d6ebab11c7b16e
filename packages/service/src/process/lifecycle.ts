import { withDeadline } from '../deadline.ts'
import type { Logger } from '../logging.ts'
import { setHeapFlags } from './heap-settings.ts'

export type RunningService = {
  /** Stops taking work, finishes what was accepted, closes the datastore. */
  stop(): Promise<void>
  log: Logger
  /** Upper bound on the drain; after it the process exits with code 1. */
  drainTimeoutMs: number
}

type RunServiceOptions = {
  name: string
  start(): Promise<RunningService>
}

/** Failures to start that an operator can put right. By name, because this package does not import the datastore's. */
const STARTUP_ERRORS: ReadonlySet<string> = new Set(['ConfigError', 'StartupError', 'DatastoreStartupError'])
const SYSTEM_ERRORS: ReadonlySet<string> = new Set(['EADDRINUSE', 'EACCES', 'EPERM', 'ENOSPC', 'EROFS'])
const SIGNAL_NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const

/**
 * Runs a service as the only purpose of the process. SIGTERM or SIGINT drains it (exit 0), a second signal exits at
 * once. A failure to start that an operator can put right is one line on stderr without a stack (exit 1). An uncaught
 * exception or rejection is logged as fatal (exit 1), since the state after it cannot be trusted.
 */
export function runService(options: RunServiceOptions): void {
  const { name } = options
  setHeapFlags()
  let draining = false
  let running: RunningService | undefined

  const started = options.start().then(
    (service) => {
      running = service
      return service
    },
    (error: unknown) => {
      process.stderr.write(`${name}: ${startupMessage(error)}\n`)
      process.exit(1)
    },
  )

  async function drain(signal: NodeJS.Signals): Promise<void> {
    const service = await started
    const { drainTimeoutMs } = service
    service.log.info({ signal }, 'draining')
    try {
      await withDeadline(
        service.stop(),
        drainTimeoutMs,
        () => new Error(`drain exceeded ${drainTimeoutMs} ms`),
      )
      service.log.info('stopped')
      process.exit(0)
    } catch (error) {
      service.log.error({ err: error }, 'drain failed')
      process.exit(1)
    }
  }

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (draining) process.exit(128 + SIGNAL_NUMBERS[signal])
      draining = true
      void drain(signal)
    })
  }

  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      if (running === undefined) process.stderr.write(`${name}: ${startupMessage(error)}\n`)
      else running.log.fatal({ err: error }, event)
      process.exit(1)
    })
  }
}

/** One line for what an operator can put right, the stack for a defect. */
export function startupMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = (error as NodeJS.ErrnoException).code
  const operatorCanFix = STARTUP_ERRORS.has(error.name) || (code !== undefined && SYSTEM_ERRORS.has(code))
  return operatorCanFix ? error.message.replaceAll(/\s*\n\s*/g, ' ') : (error.stack ?? error.message)
}
