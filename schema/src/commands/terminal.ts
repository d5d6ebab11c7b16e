/** What a command sees of the process that runs it. */
export type Terminal = {
  /** Absolute. */
  readonly folder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** YYYY-MM-DD, UTC. */
  readonly today: string
  readonly hasColors: boolean
  write(text: string): void
  writeError(text: string): void
}

/** 0 clean, 1 something fails the check, 2 it could not be made. */
export type ExitCode = 0 | 1 | 2
