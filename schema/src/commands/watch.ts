import { setTimeout as sleep } from 'node:timers/promises'
import { createRecordedReads, type RecordedReads } from '../inputs/recorded-reads.ts'
import { CannotCheckError } from '../model/cannot-check.ts'
import { type ExitCode, printFailure, type Terminal } from './terminal.ts'

/** File systems differ in what they announce, so the files that were read are looked at. */
const LOOK_MS = 300

/** Runs a command again whenever something that it has read changes, until the terminal stops it. */
export async function watch(
  terminal: Terminal,
  run: (reads: RecordedReads) => Promise<ExitCode>,
): Promise<ExitCode> {
  for (;;) {
    const reads = createRecordedReads()
    const code = await runOnce(terminal, () => run(reads))
    const seen = await reads.state()
    terminal.writeError('Waiting for changes; Ctrl-C ends.\n')
    do {
      if (terminal.isStopped()) return code
      await sleep(LOOK_MS)
    } while ((await reads.state()) === seen)
  }
}

/** A file that is half written is no reason to stop watching it. */
async function runOnce(terminal: Terminal, run: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof CannotCheckError)) throw error
    printFailure(error, terminal)
    return 2
  }
}
