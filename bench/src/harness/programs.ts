import { END_WITH_LAUNCHER } from '@bulkhead/dev/processes/end-with-launcher'
import { startProgram, type TestProcess } from '@bulkhead/e2e/harness/processes'
import { waitUntil } from '@bulkhead/e2e/harness/wait-until'

/** A command to run, with all that it needs. */
export type Program = {
  readonly name: string
  /** A program of Node's where there is no command. */
  readonly command?: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Rejects or is false while it does not serve yet. */
  readonly ready: () => Promise<boolean>
  /** How long that may take; a minute unless said otherwise. */
  readonly readyWithinMs?: number
}

const READY_WITHIN_MS = 60_000

/** Starts a program, and waits until it serves. It ends with `resources`, or when the bench itself is gone. */
export async function start(program: Program, resources: AsyncDisposableStack): Promise<TestProcess> {
  const { name, command, env = {}, cwd, readyWithinMs = READY_WITHIN_MS } = program
  const args = command === undefined ? [...END_WITH_LAUNCHER, ...program.args] : program.args
  const started = startProgram(args, {
    env,
    ...(command === undefined ? {} : { command }),
    ...(cwd === undefined ? {} : { cwd }),
  })
  resources.defer(async () => void (await started.stop()))
  await waitUntil(`${name} serves`, () => started.exited() || program.ready(), readyWithinMs)
  if (started.exited()) throw new Error(`${name} ended before it served:\n${started.output()}`)
  return started
}
