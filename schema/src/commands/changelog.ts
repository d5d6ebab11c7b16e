import type { ChangelogCommand } from '../command-line/command-line.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export async function runChangelog(_command: ChangelogCommand, _terminal: Terminal): Promise<ExitCode> {
  throw new Error('to come')
}
