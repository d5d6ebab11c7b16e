import type { Command } from 'commander'

export type ModelsCommand = { readonly name: 'models list'; readonly json: boolean }

export function defineModelsCommand(program: Command, ask: (command: ModelsCommand) => void): void {
  const models = program.command('models').summary('list the versions of the models').helpCommand(false)
  models
    .command('list')
    .summary('list the versions of the models, newest first')
    .description(
      `Lists the versions of the models, newest first, with their stage and what they were trained on. Evaluate and compare
take their ids.`,
    )
    .option('--json', 'a JSON array, with everything, for programs')
    .action(({ json }: { json?: true }) => ask({ name: 'models list', json: json === true }))
}
