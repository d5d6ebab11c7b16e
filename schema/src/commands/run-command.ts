import { parseCommandLine, type SchemaCommand } from '../command-line/command-line.ts'
import { runChangelog } from './changelog.ts'
import { runCheck } from './check.ts'
import { runCompose } from './compose.ts'
import { runDocs } from './docs.ts'
import { type ExitCode, printFailure, type Terminal } from './terminal.ts'

/** Runs what the arguments ask for; never throws. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const parsed = parseCommandLine(args)
  switch (parsed.type) {
    case 'help':
      terminal.write(parsed.text)
      return 0
    case 'refused':
      terminal.writeError(`${parsed.message}\n`)
      return 2
    case 'command':
      return runSafely(parsed.command, terminal)
  }
}

async function runSafely(command: SchemaCommand, terminal: Terminal): Promise<ExitCode> {
  try {
    return await run(command, terminal)
  } catch (error) {
    printFailure(error, terminal)
    return 2
  }
}

function run(command: SchemaCommand, terminal: Terminal): Promise<ExitCode> {
  switch (command.type) {
    case 'check':
      return runCheck(command, terminal)
    case 'compose':
      return runCompose(command, terminal)
    case 'docs':
      return runDocs(command, terminal)
    case 'changelog':
      return runChangelog(command, terminal)
  }
}
