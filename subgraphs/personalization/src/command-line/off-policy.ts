import { type Command, InvalidArgumentError } from 'commander'

export type OffPolicyCommand = {
  readonly name: 'off-policy'
  readonly target: string
  readonly maxWeight: number | null
  readonly json: boolean
}

export function defineOffPolicy(program: Command, ask: (command: OffPolicyCommand) => void): void {
  program
    .command('off-policy')
    .summary('estimate from explored slates what another policy would be worth')
    .description(
      `Estimates, from the slates that keep their candidates (CANDIDATE_LOG_RATE), the share of positions whose item the user
would click, play or like if another policy filled them: IPS and SNIPS with the effective sample size. The positions
before each are taken as they were served. Nothing is stored, and the service may run meanwhile.`,
    )
    .requiredOption(
      '--target <POLICY>',
      'greedy (no exploration), uniform (any candidate), a source (model, popular, …), or the id of a model version',
    )
    .option('--max-weight <W>', 'cut larger weights to this: less noise, but biased', readWeight)
    .option('--json', 'the estimates, as JSON')
    .action((options: { target: string; maxWeight?: number; json?: true }) =>
      ask({
        name: 'off-policy',
        target: options.target,
        maxWeight: options.maxWeight ?? null,
        json: options.json === true,
      }),
    )
}

function readWeight(text: string): number {
  const weight = Number(text)
  if (!/^\d{1,9}(\.\d{1,9})?$/.test(text) || weight <= 0) {
    throw new InvalidArgumentError('It is not a number above 0.')
  }
  return weight
}
