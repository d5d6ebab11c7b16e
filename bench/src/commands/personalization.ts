import type { Command } from 'commander'
import { runImportBench } from '../import/import-bench.ts'
import { DATASTORES } from '../model-path/replicas.ts'
import { runRollbackBench } from '../model-path/rollback-bench.ts'
import { runShadowBench, SHADOWS } from '../model-path/shadow-bench.ts'
import { runNearestBench } from '../nearest/nearest-bench.ts'
import { runBesideBench } from '../recommend/beside-bench.ts'
import { runRecommendBench } from '../recommend/recommend-bench.ts'
import { runSizesBench } from '../recommend/sizes-bench.ts'
import { runQualityBench } from '../train/quality-bench.ts'
import { runTrainBench } from '../train/train-bench.ts'
import { type Ask, type Counts, choice, count, countsOf, numbers, QUICK, withCounts } from './options.ts'

export function defineImport(program: Command, ask: Ask): void {
  program
    .command('import')
    .description("Measures rows/s of an import into an empty store, against the datastores' own bulk insert.")
    .option('--sizes <LIST>', 'rows of each file', numbers, [100_000, 1_000_000, 10_000_000])
    .option('--quick', 'small files, to see that everything works')
    .action(({ sizes: rows, quick }: { readonly sizes: readonly number[]; readonly quick?: true }) =>
      ask((context) => runImportBench({ sizes: quick === true ? [5_000, 20_000] : rows }, context)),
    )
}

export function defineRecommend(program: Command, ask: Ask): void {
  withCounts(program.command('recommend'), { rounds: 9, requests: 1_000, connections: 16 })
    .description(
      'Measures what a slate costs on each datastore, against the same server that answers one from memory.',
    )
    .option('--warm-up <N>', 'requests of each before the first round', count(1_000_000), 30_000)
    .option('--items <N>', 'items of the catalogue', count(10_000_000), 20_000)
    .action(
      (options: Counts & { readonly warmUp: number; readonly items: number; readonly quick?: true }) => {
        const { warmUp, items, quick } = options
        const warmUpRequests = quick === true ? QUICK.requests : warmUp
        ask((context) => runRecommendBench({ ...countsOf(options), warmUpRequests, items }, context))
      },
    )
}

export function defineRecommendBeside(program: Command, ask: Ask): void {
  program
    .command('recommend-beside')
    .description(
      'Measures the p99 of slates beside an import, a training, a change of the whole catalogue, and searches.',
    )
    .option('--rounds <N>', 'rounds, in each of which slates are measured alone and not', count(99), 3)
    .option('--turn-ms <N>', 'how long a turn takes', count(600_000), 10_000)
    .option('--items <N>', 'items of the catalogue', count(10_000_000), 20_000)
    .option('--rows <N>', 'rows of an import', count(10_000_000), 1_000_000)
    .option('--quick', 'short turns and few rows')
    .action(
      (options: {
        readonly rounds: number
        readonly turnMs: number
        readonly items: number
        readonly rows: number
        readonly quick?: true
      }) => {
        const { rounds, turnMs, items, rows, quick } = options
        const asked = { rounds, turnMs, items, rows }
        ask((context) =>
          runBesideBench(
            quick === true ? { rounds: 1, turnMs: 2_000, items: 2_000, rows: 10_000 } : asked,
            context,
          ),
        )
      },
    )
}

export function defineRecommendSizes(program: Command, ask: Ask): void {
  withCounts(program.command('recommend-sizes'), { rounds: 3, requests: 3_000, connections: 16 })
    .description(
      'Measures what a slate costs by the items of the catalogue and by the users, and the memory of the process.',
    )
    .option('--warm-up <N>', 'requests of each before the first round', count(1_000_000), 3_000)
    .option('--items <LIST>', 'items of the catalogue', numbers, [20_000, 140_000, 1_000_000])
    .option('--users <LIST>', 'users with a history', numbers, [100_000, 200_000, 400_000])
    .option('--turn-ms <N>', 'how long slates are asked for at a fixed rate', count(600_000), 10_000)
    .action(
      (
        options: Counts & {
          readonly warmUp: number
          readonly items: readonly number[]
          readonly users: readonly number[]
          readonly turnMs: number
          readonly quick?: true
        },
      ) => {
        const { warmUp, items, users, turnMs, quick } = options
        const sizes =
          quick === true
            ? { warmUpRequests: QUICK.requests, items: [2_000, 4_000], users: [2_000, 4_000], turnMs: 1_000 }
            : { warmUpRequests: warmUp, items, users, turnMs }
        ask((context) => runSizesBench({ ...countsOf(options), ...sizes }, context))
      },
    )
}

export function defineRollback(program: Command, ask: Ask): void {
  program
    .command('rollback')
    .description('Measures how long a rollback takes until every replica serves the version before.')
    .option('--rollbacks <N>', 'rollbacks on each datastore', count(1_000), 50)
    .option('--replicas <N>', 'replicas of personalization', count(16), 3)
    .option('--items <N>', 'items of the catalogue', count(1_000_000), 2_000)
    .addOption(choice('--datastore <KIND>', 'sqlite, mongodb or both', DATASTORES))
    .option('--quick', 'few rollbacks')
    .action(
      (options: {
        readonly rollbacks: number
        readonly datastore: string
        readonly replicas: number
        readonly items: number
        readonly quick?: true
      }) => {
        const { rollbacks, replicas, items, quick } = options
        const datastores = DATASTORES[options.datastore] ?? []
        const asked = { datastores, rollbacks: quick === true ? 3 : rollbacks, replicas, items, users: 1_000 }
        ask((context) => runRollbackBench(asked, context))
      },
    )
}

export function defineShadow(program: Command, ask: Ask): void {
  program
    .command('shadow')
    .description('Measures the p99 of slates beside a model in shadow that hangs, throws or eats CPU.')
    .option('--rounds <N>', 'rounds, in each of which slates are measured alone and not', count(99), 6)
    .option('--turn-ms <N>', 'how long a turn takes', count(600_000), 20_000)
    .option('--items <N>', 'items of the catalogue', count(1_000_000), 2_000)
    .addOption(choice('--datastore <KIND>', 'sqlite, mongodb or both', DATASTORES))
    .addOption(choice('--shadow <KIND>', 'how the model in shadow behaves', SHADOWS, 'all'))
    .option('--quick', 'one round of short turns')
    .action(
      (options: {
        readonly rounds: number
        readonly turnMs: number
        readonly datastore: string
        readonly shadow: string
        readonly items: number
        readonly quick?: true
      }) => {
        const { rounds, turnMs, items, quick } = options
        const asked = quick === true ? { rounds: 1, turnMs: 1_000 } : { rounds, turnMs }
        const datastores = DATASTORES[options.datastore] ?? []
        const shadows = SHADOWS[options.shadow] ?? []
        ask((context) => runShadowBench({ ...asked, datastores, shadows, items, users: 1_000 }, context))
      },
    )
}

export function defineTrain(program: Command, ask: Ask): void {
  program
    .command('train')
    .description('Measures the time and peak memory of a training by size, with the growth law.')
    .option('--ease <LIST>', 'items of each size of EASE', numbers, [1_250, 2_500, 5_000])
    .option('--ials <LIST>', 'items of each size of iALS', numbers, [10_000, 20_000, 40_000])
    .option('--quick', 'small sizes')
    .action(
      (options: {
        readonly ease: readonly number[]
        readonly ials: readonly number[]
        readonly quick?: true
      }) =>
        ask((context) =>
          runTrainBench(options.quick === true ? { ease: [300, 600], ials: [500, 1_000] } : options, context),
        ),
    )
}

export function defineNearest(program: Command, ask: Ask): void {
  program
    .command('nearest')
    .description('Measures a list from a factor model, from all its items and from groups of them, by size.')
    .option('--sizes <LIST>', 'items of each size', numbers, [5_000, 10_000, 20_000, 100_000, 1_000_000])
    .option('--dimensions <N>', 'numbers of each item', count(512), 64)
    .option('--quick', 'small sizes')
    .action(
      (options: {
        readonly sizes: readonly number[]
        readonly dimensions: number
        readonly quick?: true
      }) => {
        const { sizes, dimensions, quick } = options
        ask((context) =>
          runNearestBench({ sizes: quick === true ? [5_000, 20_000] : sizes, dimensions }, context),
        )
      },
    )
}

export function defineTrainQuality(program: Command, ask: Ask): void {
  program
    .command('train-quality')
    .description('Trains on the data sets of ../shared/data, and compares with published figures.')
    .action(() => ask(runQualityBench))
}
