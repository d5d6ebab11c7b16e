import type { Command } from 'commander'
import { runAnalysisBench } from '../analysis/analysis-bench.ts'
import { type EvaluatorOptions, runEvaluatorBench } from '../evaluator/evaluator-bench.ts'
import { runIngestBench } from '../ingest/ingest-bench.ts'
import { type IngestFaultsOptions, runIngestFaultsBench } from '../ingest-faults/ingest-faults-bench.ts'
import { runStatisticsBench, type StatisticsOptions } from '../statistics/statistics-bench.ts'
import { type Ask, count, numbers } from './options.ts'

const QUICK_TURNS = { rounds: 1, turnMs: 200 }

export function defineIngestFaults(program: Command, ask: Ask): void {
  program
    .command('ingest-faults')
    .description('Ingests on a replica set of three while its primary is frozen, killed or steps down.')
    .option('--faults <N>', 'faults of the primary', count(1_000), 20)
    .option('--quick', 'three faults, to see that everything works')
    .action((options: IngestFaultsOptions & { readonly quick?: true }) =>
      ask((context) =>
        runIngestFaultsBench({ faults: options.quick === true ? 3 : options.faults }, context),
      ),
    )
}

export function defineEvaluator(program: Command, ask: Ask): void {
  program
    .command('evaluator')
    .description(
      'Compares the assignment evaluator with those of GrowthBook and Unleash on equivalent rules.',
    )
    .option('--rounds <N>', 'rounds, in each of which all take their turn', count(99), 5)
    .option('--turn-ms <N>', 'how long a turn takes', count(60_000), 1_000)
    .option('--rules <N>', 'experiments that are evaluated for each user', count(1_000), 60)
    .option('--users <N>', 'different users', count(1_000_000), 10_000)
    .option('--quick', 'one short round, to see that everything works')
    .action((options: EvaluatorOptions & { readonly quick?: true }) =>
      ask((context) =>
        runEvaluatorBench(options.quick === true ? { ...options, ...QUICK_TURNS } : options, context),
      ),
    )
}

export function defineIngest(program: Command, ask: Ask): void {
  program
    .command('ingest')
    .description(
      "Measures events/s that experimentation makes durable and positions, against its datastores' own bulk insert.",
    )
    .option('--rounds <N>', 'rounds, in each of which all take their turn', count(99), 5)
    .option('--events <N>', 'events of each in a round', count(10_000_000), 200_000)
    .option(
      '--long <N>',
      'events at the end, through which memory is watched',
      count(1_000_000_000),
      5_000_000,
    )
    .option('--quick', 'one round, and no long run')
    .action(
      (options: {
        readonly rounds: number
        readonly events: number
        readonly long: number
        readonly quick?: true
      }) =>
        ask((context) =>
          runIngestBench(options.quick === true ? { rounds: 1, events: 40_000, long: 0 } : options, context),
        ),
    )
}

export function defineAnalysis(program: Command, ask: Ask): void {
  program
    .command('analysis')
    .description(
      'Measures an analysis by size, with its peak memory and growth law, counts by size, and the p99 of the service beside it.',
    )
    .option('--units <LIST>', 'exposed units of each size', numbers, [10_000, 100_000, 1_000_000])
    .option('--interactions <N>', 'interactions of each unit', count(1_000), 20)
    .option('--exposures <LIST>', 'exposures at which counts are read', numbers, [5_000, 5_000_000])
    .option('--events <N>', 'events of the service beside which analyses run', count(100_000_000), 300_000)
    .option('--rounds <N>', 'rounds, in each of which the service is measured alone and not', count(99), 12)
    .option('--quick', 'small sizes and one round')
    .action(
      (options: {
        readonly units: readonly number[]
        readonly interactions: number
        readonly exposures: readonly number[]
        readonly events: number
        readonly rounds: number
        readonly quick?: true
      }) => {
        const { units, interactions: interactionsPerUnit, exposures, events, rounds } = options
        const asked = { units, interactionsPerUnit, exposures, events, rounds, turnMs: 10_000 }
        const quick = {
          units: [1_000, 3_000],
          exposures: [5_000, 20_000],
          events: 20_000,
          rounds: 1,
          turnMs: 2_000,
        }
        ask((context) => runAnalysisBench(options.quick === true ? { ...asked, ...quick } : asked, context))
      },
    )
}

export function defineStatistics(program: Command, ask: Ask): void {
  program
    .command('statistics')
    .description(
      'Simulates experiments with a known truth: how often do our tests and our decision rule err?',
    )
    .option('--experiments <N>', 'of each check on each of two seeds', count(1_000_000), 20_000)
    .option('--quick', 'few experiments, to see that everything works')
    .action(({ experiments, quick }: StatisticsOptions & { readonly quick?: true }) =>
      ask((context) => runStatisticsBench({ experiments: quick === true ? 500 : experiments }, context)),
    )
}
