import { INTERACTION_TYPES } from '@bulkhead/contracts'
import { type CommandLine, readCommandLine } from '@bulkhead/service/command-line'
import { InvalidArgumentError, Option, type Command as Program } from 'commander'
import type { DemoCommand } from './demo/demo-command.ts'
import type { TrainingChoice } from './domain/training/training-plan.ts'
import { INTERACTION_FORMATS } from './import/detect-format.ts'
import type { ImportInteractions, ImportItems } from './import/import-command.ts'
import { defineTrain } from './train-options.ts'

const NPM = 'npm run personalization --'

const IMPORT_EXAMPLES = `
Examples:
  ${NPM} import items books.csv
  ${NPM} import interactions ratings.tsv
  ${NPM} import interactions likes.csv --type LIKE --no-train`

const ENVIRONMENT = `
Environment: DATASTORE_URL (sqlite:PATH or mongodb://HOST/DATABASE; by default SQLite in DATA_DIR, which is .data)`

const FORMATS = `
Formats:
  csv      a header with userId, itemId, and if there are any type, value (or rating), occurredAt (or timestamp),
           slateId, eventId; other columns are ignored, and named before the import starts
  ratings  one interaction a line: user item [rating [Unix seconds]]
  lists    one user a line: user item item ...

Times in CSV are RFC 3339 (2026-01-31T12:00:00Z), the same with a space and no zone (2026-01-31 12:00:00, in UTC), a date
(midnight UTC), Unix seconds (9 to 11 digits, since 1973) or Unix milliseconds (12 to 14 digits). Rows without a time count as of 1970-01-01, before everything that has one.
A file can be imported again: what is known already is not counted twice. A row without an eventId is known by its
user, item, type and time.
Items that the catalogue lacks become placeholders, titled by their id.`

const REJECTS = [
  '--rejects <FILE>',
  'where lines that cannot be read are kept (default: FILE.rejects.txt)',
] as const

export type DeadLettersCommand =
  | { readonly action: 'list'; readonly limit: number; readonly json: boolean }
  | {
      readonly action: 'replay'
      /** Event ids; null for all. */
      readonly eventIds: readonly string[] | null
      /** Of letters that were refused with this code; null for any. */
      readonly code: string | null
      readonly json: boolean
    }

export type EraseCommand = { readonly userId: string; readonly json: boolean }

export type Command =
  | ({ readonly name: 'import items' } & ImportItems)
  | ({ readonly name: 'import interactions' } & ImportInteractions)
  | { readonly name: 'train'; readonly choice: TrainingChoice }
  | ({ readonly name: 'demo' } & DemoCommand)
  | ({ readonly name: 'dead-letters' } & DeadLettersCommand)
  | ({ readonly name: 'erase' } & EraseCommand)
  | { readonly name: 'reset' }

/** Reads the arguments of `npm run personalization --`; never throws. */
export function parseCommandLine(args: readonly string[]): CommandLine<Command> {
  return readCommandLine<Command>({
    program: NPM,
    args,
    define(program, ask) {
      program.addHelpText('after', `${IMPORT_EXAMPLES}\n${ENVIRONMENT}`)
      defineImports(program, ask)
      defineTrain(program, (choice) => ask({ name: 'train', choice }))
      program
        .command('demo')
        .summary("load the demo's music catalogue and listeners, then train a model")
        .description(
          `Loads about 2,000 invented tracks, 500 listeners and 60,000 interactions, and trains a model on them.
It refuses a datastore that holds anything else.`,
        )
        .option('--if-empty', 'leave a datastore that holds anything else alone, and say so')
        .option('--seed <N>', 'other tracks and tastes, the same for the same N', readSeed, 1)
        .action(({ ifEmpty, seed }: { ifEmpty?: true; seed: number }) =>
          ask({ name: 'demo', ifEmpty: ifEmpty === true, seed }),
        )
      defineDeadLetters(program, ask)
      defineErase(program, ask)
      program
        .command('reset')
        .summary('delete everything that this subgraph keeps')
        .description(
          `Deletes everything that this subgraph keeps: the SQLite file, or the MongoDB database, that DATASTORE_URL names.
Stop the service first: an SQLite file in use is refused, but MongoDB cannot tell.`,
        )
        .option('--yes', 'it is meant')
        .action(({ yes }: { yes?: true }) => {
          if (!yes)
            program.error('reset deletes everything that this subgraph keeps: add --yes if that is meant')
          ask({ name: 'reset' })
        })
    },
  })
}

function defineImports(program: Program, ask: (command: Command) => void): void {
  const imports = program
    .command('import')
    .summary('read a catalogue (items FILE), or what users did (interactions FILE)')
    .helpCommand(false)
    .addHelpText('after', IMPORT_EXAMPLES)
  imports
    .command('items')
    .summary('read a catalogue (CSV)')
    .description(
      `Reads a CSV file with a header: id, and if there are any title, creator, categories (separated by |), available
(true or false), createdAt (RFC 3339, a date, Unix seconds or milliseconds; 1970-01-01 where it is not given). Every
other column becomes an attribute of the item. Items that are known already are replaced.`,
    )
    .argument('<FILE>')
    .option(...REJECTS)
    .addHelpText('after', IMPORT_EXAMPLES)
    .action((file: string, { rejects }: { rejects?: string }) =>
      ask({ name: 'import items', file, rejects: rejects ?? null }),
    )
  imports
    .command('interactions')
    .summary('read what users did (CSV, or separated by white space), then train a model')
    .description('Reads what users did, and trains a model on it.')
    .argument('<FILE>')
    .addOption(
      new Option(
        '--format <FORMAT>',
        'seen from the first lines where it is not given; needed where "user item number" may also be a list',
      ).choices(INTERACTION_FORMATS),
    )
    .option(
      '--type <TYPE>',
      `the type of interactions that name none: ${INTERACTION_TYPES.join(', ')}`,
      readType,
      'PLAY',
    )
    .option(...REJECTS)
    .option('--no-train', 'train no model at the end')
    .addHelpText('after', `${FORMATS}\n${IMPORT_EXAMPLES}`)
    .action(
      (file: string, options: Partial<ImportInteractions> & Pick<ImportInteractions, 'type' | 'train'>) =>
        ask({
          name: 'import interactions',
          file,
          rejects: options.rejects ?? null,
          format: options.format ?? null,
          type: options.type,
          train: options.train,
        }),
    )
}

function defineDeadLetters(program: Program, ask: (command: Command) => void): void {
  const letters = program
    .command('dead-letters')
    .summary('events that experimentation has refused: list them, or replay them')
    .helpCommand(false)
  letters
    .command('list')
    .description('Lists dead letters, oldest first, with the reason for which each was refused.')
    .option('--limit <N>', 'how many', readCount, 100)
    .option('--json', 'with the events themselves, as JSON')
    .action(({ limit, json }: { limit: number; json?: true }) =>
      ask({ name: 'dead-letters', action: 'list', limit, json: json === true }),
    )
  letters
    .command('replay')
    .description(
      `Puts dead letters back into the outbox, once what they were refused for is mended; the service delivers them, and
keeps those that are refused again. Without --all, name their event ids.`,
    )
    .argument('[EVENT...]')
    .option('--all', 'all of them')
    .option('--code <CODE>', 'of these, the ones that were refused with this code')
    .option('--json', 'what was done, as JSON')
    .action((eventIds: string[], options: { all?: true; code?: string; json?: true }) => {
      if ((eventIds.length === 0) === (options.all !== true))
        program.error('name the event ids to replay, or add --all')
      ask({
        name: 'dead-letters',
        action: 'replay',
        eventIds: options.all === true ? null : eventIds,
        code: options.code ?? null,
        json: options.json === true,
      })
    })
}

function defineErase(program: Program, ask: (command: Command) => void): void {
  program
    .command('erase')
    .summary('erase what is stored about a user')
    .description(
      `Erases a user's interactions, slates, dead letters and their part of popularity, and has experimentation told. The
erasure log keeps who asked, when, and a hash of the user id. It cannot be undone.`,
    )
    .argument('<USER>')
    .option('--yes', 'it is meant')
    .option('--json', 'what was erased, as JSON')
    .action((userId: string, { yes, json }: { yes?: true; json?: true }) => {
      if (!yes) program.error('erase cannot be undone: add --yes if that is meant')
      ask({ name: 'erase', userId, json: json === true })
    })
}

function readCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It is not a number from 1.')
  return Number(text)
}

function readType(text: string): ImportInteractions['type'] {
  const type = INTERACTION_TYPES.find((known) => known === text.toUpperCase())
  if (type === undefined) throw new InvalidArgumentError(`Use one of ${INTERACTION_TYPES.join(', ')}.`)
  return type
}

function readSeed(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It is not a whole number.')
  return Number(text)
}
