/** Terminal and npm both forward Ctrl-C, so a second signal within this time is the same key press. */
const SAME_SIGNAL_MS = 1_000

type Shutdown = {
  /** Whether the launcher is on its way out. */
  begun(): boolean
  /** Stops everything, then ends this process with the code; only the first call counts. */
  begin(exitCode: number, line: string | null): void
}

/**
 * Stops the services before the launcher ends because of a signal, output that cannot be written any more, or an error
 * that nothing caught.
 * @param options.stopAll is awaited without a limit; if it hangs, a second signal ends the launcher
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
