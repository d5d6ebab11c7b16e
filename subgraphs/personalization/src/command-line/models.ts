import { keySchema } from '@bulkhead/contracts'
import { type Command, InvalidArgumentError } from 'commander'
import { defineShowModel, type ModelPathCommand } from './model-path.ts'

const PROMOTE_REFUSED =
  'error: --promote: no model skips its path. Import it without, then `evaluate --model VERSION --record` and `promote VERSION` ' +
  'lead it into production (docs/model-path.md)'

export type ImportModel = {
  readonly file: string
  /** The model whose next version it becomes. */
  readonly model: string
  readonly owner: string
  /** Print the result as one line of JSON. */
  readonly json: boolean
}

export type ModelsCommand =
  | { readonly name: 'models list'; readonly json: boolean }
  | ({ readonly name: 'models import' } & ImportModel)

type ImportOptions = {
  readonly name: string
  readonly owner: string
  readonly promote?: true
  readonly json?: true
}

export function defineModelsCommands(
  program: Command,
  ask: (command: ModelsCommand | ModelPathCommand) => void,
): void {
  const models = program
    .command('models')
    .summary('list and show the versions of the models, or bring one that was trained elsewhere')
    .helpCommand(false)
  models
    .command('list')
    .summary('list the versions of the models, newest first')
    .description(
      `Lists the versions of the models, newest first, with their stage and what they were trained on. Evaluate and compare
take their ids.`,
    )
    .option('--json', 'a JSON array, with everything, for programs')
    .action(({ json }: { json?: true }) => ask({ name: 'models list', json: json === true }))
  defineShowModel(models, ask)
  models
    .command('import')
    .summary('register a model that was trained elsewhere')
    .description(
      `Registers a safetensors file, as docs/model-artefacts.md describes it, as the next version of a model. It is checked as
before it serves, and refused where it knows no item of the catalogue. It does not serve before it
has walked its path (docs/model-path.md).`,
    )
    .argument('<FILE>')
    .requiredOption('--name <MODEL>', 'the model whose next version it becomes, such as spark-als', readName)
    .requiredOption('--owner <WHO>', 'who is responsible for it')
    .option('--promote', 'refused: every model walks its path into production')
    .option('--json', 'print the result as JSON')
    .action((file: string, { name: model, owner, promote, json }: ImportOptions) => {
      if (promote) program.error(PROMOTE_REFUSED)
      ask({ name: 'models import', ...{ file, model, owner, json: json === true } })
    })
}

function readName(text: string): string {
  if (!keySchema.safeParse(text).success) throw new InvalidArgumentError('It is not a key such as spark-als.')
  return text
}
