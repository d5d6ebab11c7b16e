import type { Command } from 'commander'
import { BOUNDED, runSchemaCheckBench } from '../schema-check/schema-check-bench.ts'
import { type Ask, count } from './options.ts'

const SIZES = [
  { subgraphs: 10, types: 1_000, operations: 400 },
  { subgraphs: 25, types: 2_500, operations: 1_000 },
  BOUNDED,
]

export function defineSchemaCheck(program: Command, ask: Ask): void {
  program
    .command('schema-check')
    .description('Measures a whole check of a generated graph by its size.')
    .option('--rounds <N>', 'checks of each size, of which the median counts', count(99), 3)
    .option('--quick', 'one check of the smallest size')
    .action(({ rounds, quick }: { readonly rounds: number; readonly quick?: true }) => {
      const options = quick === true ? { sizes: SIZES.slice(0, 1), rounds: 1 } : { sizes: SIZES, rounds }
      ask((context) => runSchemaCheckBench(options, context))
    })
}
