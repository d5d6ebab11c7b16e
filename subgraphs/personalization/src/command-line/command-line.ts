import { type CommandLine, readCommandLine } from '@bulkhead/service/command-line'
import { wholeNumber } from '@bulkhead/service/option-values'
import type { Command as Program } from 'commander'
import type { DemoCommand } from '../demo/demo-command.ts'
import { type DeadLettersCommand, defineDeadLetters } from './dead-letters.ts'
import { defineEvaluationCommands, type EvaluationCommand } from './evaluation.ts'
import { defineExportCommands, type ExportCommand } from './export.ts'
import { defineImportCommands, IMPORT_EXAMPLES, type ImportCommand } from './import.ts'
import { defineModelPath, type ModelPathCommand } from './model-path.ts'
import { defineModelsCommands, type ModelsCommand } from './models.ts'
import { defineOffPolicy, type OffPolicyCommand } from './off-policy.ts'
import { defineRecommend, type RecommendCommand } from './recommend.ts'
import { defineRefresh, type RefreshCommand } from './refresh.ts'
import { defineTrain, type TrainCommand } from './train.ts'

const NPM = 'npm run personalization --'

const ENVIRONMENT = `
Environment: DATASTORE_URL (sqlite:PATH or mongodb://HOST/DATABASE; by default SQLite in DATA_DIR, which is .data);
for commands that call the API BULKHEAD_URL (http://127.0.0.1:4000/graphql) and BULKHEAD_TOKEN`

export type EraseCommand = { readonly userId: string; readonly json: boolean }

export type Command =
  | ImportCommand
  | ExportCommand
  | ModelsCommand
  | ModelPathCommand
  | ({ readonly name: 'train' } & TrainCommand)
  | EvaluationCommand
  | OffPolicyCommand
  | RecommendCommand
  | RefreshCommand
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
      defineImportCommands(program, ask)
      defineExportCommands(program, ask)
      defineModelsCommands(program, ask)
      defineModelPath(program, ask)
      defineTrain(program, (train) => ask({ name: 'train', ...train }))
      defineRefresh(program, ask)
      defineEvaluationCommands(program, ask)
      defineOffPolicy(program, ask)
      defineRecommend(program, ask)
      program
        .command('demo')
        .summary("load the demo's music catalogue and listeners, then train a model")
        .description(
          `Loads about 2,000 invented tracks, 500 listeners and 60,000 interactions, and trains a model on them, which is
registered and evaluated: it does not serve yet. It refuses a datastore that holds anything else.`,
        )
        .option('--if-empty', 'leave a datastore that holds anything else alone, and say so')
        .option('--seed <N>', 'other tracks and tastes, the same for the same N', wholeNumber(0), 1)
        .action(({ ifEmpty, seed }: { ifEmpty?: true; seed: number }) =>
          ask({ name: 'demo', ifEmpty: ifEmpty === true, seed }),
        )
      defineDeadLetters(program, (command) => ask({ name: 'dead-letters', ...command }))
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
