import { type CommandLine, readCommandLine } from '@bulkhead/service/command-line'
import { InvalidArgumentError } from 'commander'
import type { DemoCommand } from './demo/demo-command.ts'
import { defineExportCommands, type ExportCommand } from './export-commands.ts'
import { defineImportCommands, IMPORT_EXAMPLES, type ImportCommand } from './import-commands.ts'
import { defineModelsCommands, type ModelsCommand } from './models-commands.ts'

const NPM = 'npm run personalization --'

const ENVIRONMENT = `
Environment: DATASTORE_URL (sqlite:PATH or mongodb://HOST/DATABASE; by default SQLite in DATA_DIR, which is .data)`

export type Command =
  | ImportCommand
  | ExportCommand
  | ModelsCommand
  | { readonly name: 'train' }
  | ({ readonly name: 'demo' } & DemoCommand)
  | { readonly name: 'reset' }

/** Reads the arguments of `npm run personalization --`; never throws. */
export function parseCommandLine(args: readonly string[]): CommandLine<Command> {
  return readCommandLine<Command>({
    program: NPM,
    args,
    define(program, ask) {
      program.addHelpText('after', `${IMPORT_EXAMPLES}\n${ENVIRONMENT}`)
      defineImportCommands(program, ask)
      defineExportCommands(program, ask)
      defineModelsCommands(program, ask)
      program
        .command('train')
        .summary('train a model on everything that is stored')
        .description(
          `Trains an item-to-item model on every click, play and like that is stored, and puts it into production, in
place of whatever model was there. Nothing happens where the model in production was trained on the same data;
where only the newest one that is not in production was, that one is promoted again.`,
        )
        .action(() => ask({ name: 'train' }))
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

function readSeed(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It is not a whole number.')
  return Number(text)
}
