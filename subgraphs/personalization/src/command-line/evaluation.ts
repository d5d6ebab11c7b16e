import { instant, wholeNumber } from '@bulkhead/service/option-values'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { TRAINERS } from '../domain/evaluation/trainers.ts'
import { INTERACTION_FORMATS, type InteractionFormat } from '../import/format.ts'

/** How models are measured. */
export type EvaluationProtocol = {
  readonly split:
    | { readonly kind: 'temporal'; readonly cutoff: number | null }
    | { readonly kind: 'leave-one-out' }
    /** The test part is a file. */
    | { readonly kind: 'given'; readonly file: string; readonly format: InteractionFormat | null }
  readonly cutoffs: readonly number[]
  readonly seed: number
  /** Print the report as one line of JSON. */
  readonly json: boolean
  /** Where the report is written too; null for nowhere. */
  readonly report: string | null
}

export type EvaluationCommand =
  | ({
      readonly name: 'evaluate'
      readonly model: string
      /** Compare it with the version in PRODUCTION, and keep the result as its evaluation. */
      readonly record: boolean
    } & EvaluationProtocol)
  | ({ readonly name: 'compare'; readonly models: readonly [string, string] } & EvaluationProtocol)

type Options = {
  readonly split?: 'temporal' | 'leave-one-out'
  readonly cutoff?: number
  readonly test?: string
  readonly format?: InteractionFormat
  readonly k: readonly number[]
  readonly seed: number
  readonly json?: true
  readonly report?: string
}

/** Upper bound on the length of measured lists. */
const MAX_CUTOFF = 1_000
const NAMES = [...TRAINERS.keys()].join(', ')
const DEFAULT_MODEL = 'item-knn'

const DETAILS = `
Models are ${NAMES}, which are trained on the train part, or the id of a stored version (see models list), which is
measured as it is, and refused where it has seen the test part. Every item of the train part is ranked for each user,
without those that the user has there. What the metrics mean, and how published tables are reproduced: docs/evaluation.md`

export function defineEvaluationCommands(program: Command, ask: (command: EvaluationCommand) => void): void {
  protocolOptions(program.command('evaluate'))
    .summary('measure how well a model finds what users chose next')
    .description(
      `Divides what users consumed into a train and a test part, trains a model on the one, and measures how well its lists
find the other. Nothing is stored without --record; the service may run meanwhile. The same data, version of the code
and seed give the same report, byte for byte.`,
    )
    .option('--model <MODEL>', `${NAMES}, or the id of a stored version`, DEFAULT_MODEL)
    .option(
      '--record',
      'compare a stored version with the one in production (what is popular, where none is), and keep that as its evaluation, which `promote --to EVALUATED` needs',
    )
    .addHelpText('after', DETAILS)
    .action((options: Options & { readonly model: string; readonly record?: true }, command: Command) =>
      ask({
        name: 'evaluate',
        model: options.model,
        record: options.record === true,
        ...protocolOf(options, command),
      }),
    )
  protocolOptions(program.command('compare'))
    .summary('measure two models on the same users, and test the differences')
    .description(
      `Measures two models on the same users, and tells for each metric the difference (second minus first) with its
interval and a p-value. The p-values are of single tests: of twenty metrics one is below .05 by chance.`,
    )
    .argument('<FIRST>', 'a model')
    .argument('<SECOND>', 'another one')
    .addHelpText('after', DETAILS)
    .action((first: string, second: string, options: Options, command: Command) =>
      ask({ name: 'compare', models: [first, second], ...protocolOf(options, command) }),
    )
}

function protocolOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--split <SPLIT>',
        'what is held out: all that is new since an instant, or the newest item of each user (default: temporal)',
      ).choices(['temporal', 'leave-one-out']),
    )
    .option(
      '--cutoff <TIME>',
      'of the temporal split, such as 2026-01-31T00:00:00Z (default: the newest fifth is held out; of a stored version, what is newer than its training)',
      instant,
    )
    .option(
      '--test <FILE>',
      'a test part from a file, as import interactions reads them, in place of a split',
    )
    .addOption(
      new Option('--format <FORMAT>', 'of that file, where it is not seen').choices(INTERACTION_FORMATS),
    )
    .option('--k <LENGTHS>', 'lengths of the lists, such as 10,20', readCutoffs, [10])
    .option('--seed <N>', 'of intervals and tests', wholeNumber(0), 1)
    .option('--json', 'the report, for programs')
    .option('--report <FILE>', 'write the report to a file too')
}

function protocolOf(options: Options, command: Command): EvaluationProtocol {
  const { split = 'temporal', cutoff, test, format, k, seed, json, report } = options
  if (test !== undefined && (options.split !== undefined || cutoff !== undefined)) {
    command.error('--test is a test part of its own: leave --split and --cutoff away')
  }
  if (test === undefined && format !== undefined) command.error('--format is of the file that --test names')
  if (cutoff !== undefined && split !== 'temporal') command.error('--cutoff is for the temporal split')
  const common = { cutoffs: k, seed, json: json === true, report: report ?? null }
  if (test !== undefined) return { split: { kind: 'given', file: test, format: format ?? null }, ...common }
  return split === 'temporal'
    ? { split: { kind: split, cutoff: cutoff ?? null }, ...common }
    : { split: { kind: split }, ...common }
}

function readCutoffs(text: string): readonly number[] {
  const cutoffs = text.split(',').map(Number)
  if (!cutoffs.every((k) => Number.isInteger(k) && k >= 1 && k <= MAX_CUTOFF)) {
    throw new InvalidArgumentError(
      `It is not a list of whole numbers from 1 to ${MAX_CUTOFF}, such as 10,20.`,
    )
  }
  return cutoffs
}
