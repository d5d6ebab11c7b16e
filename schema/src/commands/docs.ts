import type { DocsCommand } from '../command-line/command-line.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export async function runDocs(_command: DocsCommand, _terminal: Terminal): Promise<ExitCode> {
  throw new Error('to come')
}
