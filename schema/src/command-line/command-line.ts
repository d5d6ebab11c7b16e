import { resolve } from 'node:path'
import { type CommandLine, readCommandLine } from '@bulkhead/service/command-line'
import { type Command, InvalidArgumentError } from 'commander'
import { FORMATS, type Format } from '../report/render.ts'

export type CheckCommand = {
  readonly type: 'check'
  readonly config: string
  /** A git ref, a folder or a supergraph file; null asks the configuration and then CI. */
  readonly base: string | null
  /** Compares with nothing. */
  readonly noBase: boolean
  readonly outputs: readonly Output[]
  readonly failOn: 'breaking' | 'dangerous' | null
  readonly baseline: string | null
  readonly writeBaseline: boolean
  readonly usageWindowDays: number | null
  /** YYYY-MM-DD, UTC; null is today. */
  readonly date: string | null
  readonly watch: boolean
}

/** Where a report goes: to a file, or (null) to the standard output. */
export type Output = { readonly format: Format; readonly file: string | null }

export type ComposeCommand = {
  readonly type: 'compose'
  readonly config: string
  readonly output: string | null
  readonly strict: boolean
  readonly watch: boolean
}
export type DocsCommand = { readonly type: 'docs'; readonly config: string; readonly to: string }
export type ChangelogCommand = {
  readonly type: 'changelog'
  readonly config: string
  readonly base: string
  readonly head: string | null
  readonly output: string | null
}
export type SchemaCommand = CheckCommand | ComposeCommand | DocsCommand | ChangelogCommand

const DEFAULT_CONFIG = 'supergraph.yaml'

/** Reads the arguments; never throws. */
export function parseCommandLine(args: readonly string[]): CommandLine<SchemaCommand> {
  return readCommandLine<SchemaCommand>({
    program: 'bulkhead-schema',
    args,
    define(program, ask) {
      program.description('Checks federated GraphQL schemas, offline.')
      defineCheck(
        command(program, 'check', 'compares with a base, checks operations, lints; exit code 0, 1 or 2'),
        ask,
      )
      defineCompose(command(program, 'compose', 'composes the supergraph'), ask)
      command(program, 'docs', 'writes a reference of the graph to browse')
        .requiredOption('--to <DIR>', 'the folder for the pages')
        .action(({ config, to }) => ask({ type: 'docs', config, to }))
      command(program, 'changelog', 'says in Markdown what changed between two states of the graph')
        .argument('<BASE>', 'a git ref, a folder or a supergraph file', readBase)
        .argument('[HEAD]', 'the same; the working tree by default')
        .option('--output <FILE>', 'write it to a file')
        .action((base: string, head: string | null = null, { config, output = null }) =>
          ask({ type: 'changelog', config, base, head, output }),
        )
    },
  })
}

function command(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option(
      '--config <FILE>',
      "the graph's configuration, in the shape of rover's supergraph.yaml",
      DEFAULT_CONFIG,
    )
}

function defineCheck(check: Command, ask: (asked: SchemaCommand) => void): void {
  // Both set the same option, where the last one would count.
  const bases = new Set<string>()
  for (const name of ['base', 'no-base']) check.on(`option:${name}`, () => bases.add(name))
  check
    .option('--base <REF>', 'what to compare with: a git ref, a folder or a supergraph file', readBase)
    .option('--no-base', 'compare with nothing: only the schema as it is now is checked')
    .option(
      '--format <NAME[=FILE]>',
      `${FORMATS.join(', ')}; with =FILE it goes to a file. Repeat it for several (default: text)`,
      (value: string, outputs: readonly Output[] = []) => [...outputs, readOutput(value, outputs)],
    )
    .option('--fail-on <GRADE>', 'breaking or dangerous: what makes the check fail', readFailOn)
    .option('--baseline <FILE>', 'findings that were there before, which do not fail the check')
    .option('--write-baseline', "take today's findings into the baseline, and say which", false)
    .option('--usage-window <DAYS>', 'how old recorded usage may be, as in 30d', readDays)
    .option(
      '--date <YYYY-MM-DD>',
      'the day for which approvals and usage are judged (default: today, UTC)',
      readDate,
    )
    .option('--watch', 'check again whenever an input changes', false)
    .action((options) => {
      if (bases.size > 1) check.error('--base and --no-base say the opposite: give one of them')
      const {
        base = null,
        format = [],
        failOn = null,
        baseline = null,
        usageWindow = null,
        date = null,
      } = options
      ask({
        type: 'check',
        config: options.config,
        base: base === true || base === false ? null : base,
        noBase: base === false,
        outputs: format.length === 0 ? [{ format: 'text', file: null }] : format,
        failOn,
        baseline,
        writeBaseline: options.writeBaseline,
        usageWindowDays: usageWindow,
        date,
        watch: options.watch,
      })
    })
}

function defineCompose(compose: Command, ask: (asked: SchemaCommand) => void): void {
  compose
    .option('--output <FILE>', 'write the supergraph to a file; without it, to the standard output')
    .option('--strict', 'hints of composition are errors', false)
    .option('--watch', 'compose again whenever a subgraph changes', false)
    .action(({ config, output = null, strict, watch }) =>
      ask({ type: 'compose', config, output, strict, watch }),
    )
}

function readOutput(value: string, before: readonly Output[]): Output {
  const [name = '', ...rest] = value.split('=')
  const format = FORMATS.find((known) => known === name)
  if (format === undefined) throw new InvalidArgumentError(`It must be one of ${FORMATS.join(', ')}.`)
  const file = rest.length === 0 ? null : rest.join('=')
  if (file === '') throw new InvalidArgumentError('The file after = is missing.')
  if (file !== null && before.some((other) => other.file !== null && resolve(other.file) === resolve(file)))
    throw new InvalidArgumentError('Another format goes to that file.')
  return { format, file }
}

/** An unset variable of a script must not become a base. */
function readBase(value: string): string {
  if (value.trim() === '') throw new InvalidArgumentError('It is empty.')
  return value
}

function readFailOn(value: string): 'breaking' | 'dangerous' {
  if (value !== 'breaking' && value !== 'dangerous')
    throw new InvalidArgumentError('It must be breaking or dangerous.')
  return value
}

function readDays(value: string): number {
  const days = Number(/^([1-9]\d{0,3})d?$/.exec(value)?.[1])
  if (Number.isNaN(days)) throw new InvalidArgumentError('It must be a number of days, as in 30d.')
  return days
}

function readDate(value: string): string {
  const isDate = /^\d{4}-\d\d-\d\d$/.test(value) && new Date(`${value}T00:00:00Z`).toJSON()?.startsWith(value)
  if (isDate !== true) throw new InvalidArgumentError('It must be a date, as in 2026-01-31.')
  return value
}
