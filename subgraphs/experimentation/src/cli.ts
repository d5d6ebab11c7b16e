import { runService } from '@bulkhead/service/process/lifecycle'
import { type Command, parseCommandLine } from './command-line/command-line.ts'
import { analyze } from './commands/analyze.ts'
import { bootstrap } from './commands/bootstrap.ts'
import { describeFailure, NegativeResultError, UsageError } from './commands/errors.ts'
import { experiment } from './commands/experiment.ts'
import { exportLog } from './commands/export.ts'
import { power } from './commands/power.ts'
import { replay } from './commands/replay.ts'
import { migrate, reset } from './commands/store.ts'
import { verify } from './commands/verify-audit.ts'
import { demo } from './demo/demo-command.ts'

/** Runs until a signal ends the process. */
async function analyst(): Promise<never> {
  const { runAnalyst } = await import('./analyst/run-analyst.ts')
  runService({ name: 'experimentation-analyst', start: () => runAnalyst({ listening: true }) })
  return new Promise(() => undefined)
}

function runCommand(command: Command): Promise<string> {
  switch (command.name) {
    case 'demo':
      return demo(command.ifEmpty)
    case 'migrate':
      return migrate()
    case 'analyze':
      return analyze(command)
    case 'replay':
      return replay(command)
    case 'export':
      return exportLog(command)
    case 'analyst':
      return analyst()
    case 'power':
      return power(command)
    case 'experiment':
      return experiment(command)
    case 'bootstrap':
      return bootstrap(command)
    case 'audit-verify':
      return verify()
    case 'reset':
      return reset()
  }
}

async function run(args: readonly string[]): Promise<string> {
  const parsed = parseCommandLine(args)
  switch (parsed.type) {
    case 'help':
      return parsed.text.trimEnd()
    case 'refused':
      throw new UsageError(parsed.message)
    case 'command':
      return runCommand(parsed.command)
  }
}

try {
  console.log(await run(process.argv.slice(2)))
} catch (error) {
  if (error instanceof NegativeResultError) console.log(error.report)
  console.error(`experimentation: ${describeFailure(error)}`)
  process.exitCode = 1
}
