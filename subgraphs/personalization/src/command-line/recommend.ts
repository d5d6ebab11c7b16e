import { wholeNumber } from '@bulkhead/service/option-values'
import type { Command } from 'commander'
import { MAX_SLATE_SIZE } from '../domain/pipeline/query.ts'

export type RecommendCommand = {
  readonly name: 'recommend'
  readonly userId: string
  readonly surface: string
  /** 1 to `MAX_SLATE_SIZE`. */
  readonly size: number
  /** Where the user is; null for in no market. */
  readonly market: string | null
  readonly json: boolean
}

type Options = {
  readonly surface: string
  readonly size: number
  readonly market?: string
  readonly json?: true
}

export function defineRecommend(program: Command, ask: (command: RecommendCommand) => void): void {
  program
    .command('recommend')
    .summary('show what a user would be recommended now, and why')
    .description(
      `Makes the slate that the user would be served now, by the pipeline that serves and from what is stored now, and shows
its items with scores, sources and reasons. Nothing is stored, and no event is sent. It is the slate of a user in no
experiment, because assignments are recorded wherever they take effect.`,
    )
    .argument('<USER>', 'the id of a user; of an unknown one, what a new user gets')
    .option('--surface <SURFACE>', 'where it would be shown', 'home')
    .option('--size <N>', `items in it, 1 to ${MAX_SLATE_SIZE}`, wholeNumber(1, MAX_SLATE_SIZE), 20)
    .option(
      '--market <MARKET>',
      'where the user is, such as NL; without it, items that are limited to markets are left out',
    )
    .option('--json', 'everything, for programs')
    .action((userId: string, { surface, size, market, json }: Options) =>
      ask({ name: 'recommend', userId, surface, size, market: market ?? null, json: json === true }),
    )
}
