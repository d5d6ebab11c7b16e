import { INTERACTION_TYPES } from '@bulkhead/contracts'
import { type CommandLine, readCommandLine } from '@bulkhead/service/command-line'
import { InvalidArgumentError, Option, type Command as Program } from 'commander'
import type { DemoCommand } from './demo/demo-command.ts'
import { defineEvaluationCommands, type EvaluationCommand } from './evaluation-commands.ts'
import { INTERACTION_FORMATS } from './import/detect-format.ts'
import type { ImportInteractions, ImportItems } from './import/import-command.ts'

import { defineModelsCommand, type ModelsCommand } from './models-command.ts'
import { defineRecommend, type RecommendCommand } from './recommend-command.ts'

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

export type Command =
  | ({ readonly name: 'import items' } & ImportItems)
  | ({ readonly name: 'import interactions' } & ImportInteractions)
  | { readonly name: 'train' }
  | EvaluationCommand
  | ModelsCommand
  | RecommendCommand
  | ({ readonly name: 'demo' } & DemoCommand)
  | { readonly name: 'reset' }

/** Reads the arguments of `npm run personalization --`; never throws. */
export function parseCommandLine(args: readonly string[]): CommandLine<Command> {
  return readCommandLine<Command>({
    program: NPM,
    args,
    define(program, ask) {
      program.addHelpText('after', `${IMPORT_EXAMPLES}\n${ENVIRONMENT}`)
      defineImports(program, ask)
      program
        .command('train')
        .summary('train a model on everything that is stored')
        .description(
          `Trains an item-to-item model on every click, play and like that is stored, and puts it into production, in
place of whatever model was there. Nothing happens where the model in production was trained on the same data;
where only the newest one that is not in production was, that one is promoted again.`,
        )
        .action(() => ask({ name: 'train' }))
      defineEvaluationCommands(program, ask)
      defineModelsCommand(program, ask)
      defineRecommend(program, ask)
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

function readType(text: string): ImportInteractions['type'] {
  const type = INTERACTION_TYPES.find((known) => known === text.toUpperCase())
  if (type === undefined) throw new InvalidArgumentError(`Use one of ${INTERACTION_TYPES.join(', ')}.`)
  return type
}

function readSeed(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It is not a whole number.')
  return Number(text)
}
