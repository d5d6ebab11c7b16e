import { wholeNumber } from '@bulkhead/service/option-values'
import type { Command } from 'commander'

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

export function defineDeadLetters(program: Command, ask: (command: DeadLettersCommand) => void): void {
  const letters = program
    .command('dead-letters')
    .summary('events that experimentation has refused: list them, or replay them')
    .helpCommand(false)
  letters
    .command('list')
    .description('Lists dead letters, oldest first, with the reason for which each was refused.')
    .option('--limit <N>', 'how many', wholeNumber(1), 100)
    .option('--json', 'with the events themselves, as JSON')
    .action(({ limit, json }: { limit: number; json?: true }) =>
      ask({ action: 'list', limit, json: json === true }),
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
        action: 'replay',
        eventIds: options.all === true ? null : eventIds,
        code: options.code ?? null,
        json: options.json === true,
      })
    })
}
