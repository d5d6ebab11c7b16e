import { type LauncherCommand, type LauncherOptions, parseOptions } from './options.ts'

/**
 * What every command of the launcher does with its arguments: shows the help, says in one line what is wrong (exit
 * code 1), or acts; an action that fails says so in one line as well.
 */
export function runWithOptions(
  command: LauncherCommand,
  act: (options: LauncherOptions) => Promise<void>,
): void {
  const parsed = parseOptions(command, process.argv.slice(2), process.env)
  if (parsed.type === 'help') {
    process.stdout.write(parsed.text)
  } else if (parsed.type === 'refused') {
    process.stderr.write(`${parsed.message}\n`)
    process.exitCode = 1
  } else {
    act(parsed.command).catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
      process.exit(1)
    })
  }
}
