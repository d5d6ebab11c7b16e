import { Command, CommanderError } from 'commander'

/** What the arguments of a program ask for. */
export type CommandLine<Asked> =
  | { readonly type: 'command'; readonly command: Asked }
  | { readonly type: 'help'; readonly text: string }
  /** One line that says what to change. */
  | { readonly type: 'refused'; readonly message: string }

const HELP_WIDTH = 120

/**
 * Reads the arguments of a program. It prints nothing, never ends the process, and throws for a defect of `define` only.
 * Without arguments a program that has commands shows its help.
 *
 * @param options.program how the program is called, for example `npm run personalization --`
 * @param options.define adds commands and options to the program; every action calls `ask` with what is to be done
 */
export function readCommandLine<Asked>(options: {
  readonly program: string
  readonly args: readonly string[]
  readonly define: (program: Command, ask: (asked: Asked) => void) => void
}): CommandLine<Asked> {
  const { args, define } = options
  let text = ''
  const asked: Asked[] = []
  const program = new Command(options.program)
    .exitOverride()
    .helpCommand(false)
    .helpOption('-h, --help', 'show this')
    .configureOutput({
      getOutHelpWidth: () => HELP_WIDTH,
      writeOut: (part) => {
        text += part
      },
      // A failure is thrown as well.
      writeErr: () => undefined,
    })
    .hook('preAction', (_, command) => refuseOptionsAsValues(command))
  define(program, (command) => asked.push(command))
  refuseRepeatedOptions(program)
  try {
    program.parse(args.length === 0 && program.commands.length > 0 ? ['--help'] : args, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return { type: 'help', text }
    const command = addressed(program, args)
    const problem = withoutUrls(problemOf(error, command), args).replaceAll(/\s+/g, ' ')
    return { type: 'refused', message: `${problem}; see ${pathOf(command)} --help` }
  }
  const [command] = asked
  if (command === undefined) throw new Error(`an action of ${options.program} asks for nothing`)
  return { type: 'command', command }
}

/** Of an option that takes one value, the last one would count, and the one before be ignored without a word. */
function refuseRepeatedOptions(command: Command): void {
  for (const option of command.options) {
    let times = 0
    command.on(`option:${option.name()}`, () => {
      times += 1
      // An option that may be repeated gathers its values in a list or a map.
      const gathers = typeof command.getOptionValue(option.attributeName()) === 'object'
      if (times > 1 && !option.isBoolean() && !gathers) command.error(`option ${option.long} is given twice`)
    })
  }
  for (const child of command.commands) refuseRepeatedOptions(child)
}

/** `--rejects --no-train` lacks the file; it does not name one. */
function refuseOptionsAsValues(command: Command): void {
  for (const [name, value] of Object.entries(command.opts())) {
    if (typeof value === 'string' && value.startsWith('-')) command.error(`option --${name} lacks its value`)
  }
}

/** The command that the arguments name, as far as they name one. */
function addressed(program: Command, args: readonly string[]): Command {
  let command = program
  for (const arg of args) command = command.commands.find((known) => known.name() === arg) ?? command
  return command
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
}

function problemOf({ code, message }: CommanderError, command: Command): string {
  // The library says how many there are, not which.
  if (code === 'commander.excessArguments') return `unexpected "${command.args.at(-1)}"`
  if (code === 'commander.help') return 'a command is missing'
  return message.replace(/^error: /, '').replace(/\.$/, '')
}

/** A URL in the wrong place would be quoted, password and all. The longest goes first: a lone `@` would break the others. */
function withoutUrls(message: string, args: readonly string[]): string {
  return args
    .map((arg) => (arg.startsWith('-') ? arg.slice(arg.indexOf('=') + 1) : arg))
    .filter((value) => /:\/\/|@/.test(value))
    .toSorted((a, b) => b.length - a.length)
    .reduce((text, value) => text.replaceAll(value, '***'), message)
}
