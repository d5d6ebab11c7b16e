import { instant } from '@bulkhead/service/option-values'
import type { Command } from 'commander'

export type RefreshCommand = {
  readonly name: 'refresh'
  readonly versionId: string
  /** Epoch milliseconds: what happened from then on is left out; null for nothing. */
  readonly until: number | null
}

export function defineRefresh(program: Command, ask: (command: RefreshCommand) => void): void {
  program
    .command('refresh')
    .summary('train a shipped version anew, by the recipe that its decision binds')
    .description(
      `Trains a new version on what is stored now, by the algorithm, the parameters, the data source and the code version that
the SHIP decision about VERSION binds, and leaves it REGISTERED. Where this release would train in any other way, it is
refused with what differs. VERSION may be a refresh itself. A refresh walks the same path as every version, but in place of an
experiment it has a canary: in stage EXPERIMENT it serves a small share of listeners (CANARY_SHARE), and is off by itself
where it does worse than the version in production.`,
    )
    .argument('<VERSION>', 'the id of a model version, as `models list` shows it')
    .option(
      '--until <TIME>',
      'leave out what happened from then on (RFC 3339), so that the version can be evaluated on it',
      instant,
    )
    .action((versionId: string, { until }: { until?: number }) =>
      ask({ name: 'refresh', versionId, until: until ?? null }),
    )
}
