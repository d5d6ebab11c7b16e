/** A terminal and npm both pass Ctrl-C on: what follows this closely is the same key press. */
const SAME_SIGNAL_MS = 1_000

type Shutdown = {
  /** Whether the launcher is on its way out. */
  begun(): boolean
  /** Stops everything, then ends this process with the code; only the first call counts. */
  begin(exitCode: number, line: string | null): void
}

/**
 * Whatever ends the launcher and leaves it a moment stops the services first: signals, the reader of its output gone,
 * a failure that nobody caught.
 * @param options.stopAll is waited for; that it hangs is for a second signal to end
 */
export function shutdownOnEverything(options: {
  readonly stopAll: () => Promise<void>
  readonly write: (line: string) => void
}): Shutdown {
  let since: number | undefined
  const shutdown: Shutdown = {
    begun: () => since !== undefined,
    begin(exitCode, line) {
      if (since !== undefined) return
      since = performance.now()
      if (line !== null) options.write(line)
      void options.stopAll().finally(() => process.exit(exitCode))
    },
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (since !== undefined && performance.now() - since > SAME_SIGNAL_MS) process.exit(1)
      shutdown.begin(0, 'Draining; press Ctrl-C again to give up waiting')
    })
  }
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => shutdown.begin(1, `Output cannot be written (${error.message}): stopping`))
  }
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      shutdown.begin(1, error instanceof Error ? (error.stack ?? error.message) : String(error))
    })
  }
  return shutdown
}
