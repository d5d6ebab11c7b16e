import { type CommandLine, readCommandLine } from '@bulkhead/service/command-line'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { runAnalysisBench } from './analysis/analysis-bench.ts'
import type { BenchContext } from './context.ts'
import { type EvaluatorOptions, runEvaluatorBench } from './evaluator/evaluator-bench.ts'
import { runFaultsBench } from './gateway/faults-bench.ts'
import { runGatewayBench } from './gateway/gateway-bench.ts'
import { runHostileBench } from './hostile-documents/hostile-bench.ts'
import type { HostileOptions } from './hostile-documents/measurement.ts'
import { runImportBench } from './import/import-bench.ts'
import { runIngestBench } from './ingest/ingest-bench.ts'
import { type IngestFaultsOptions, runIngestFaultsBench } from './ingest-faults/ingest-faults-bench.ts'
import { runBesideBench } from './recommend/beside-bench.ts'
import { runRecommendBench } from './recommend/recommend-bench.ts'
import { runStatisticsBench, type StatisticsOptions } from './statistics/statistics-bench.ts'
import { runQualityBench } from './train/quality-bench.ts'
import { runTrainBench } from './train/train-bench.ts'

/** Runs a bench; false where something answered wrongly. */
type Bench = (context: BenchContext) => Promise<boolean>

type Ask = (bench: Bench) => void

type Counts = { readonly rounds: number; readonly requests: number; readonly connections: number }

const EXPOSURES = { with: [true], without: [false], both: [true, false] } as const
const SUBGRAPHS = { canned: ['canned'], real: ['real'], both: ['canned', 'real'] } as const
const AFTER_FIRST_PART = { leave: 'first-part-then-leave', stay: 'first-part-then-stay' } as const
const MAX_ITEMS = 500

/** V8 still compiles after several thousand requests, and a gateway runs for days. */
const WARM_UP_REQUESTS = 10_000

/** Enough to see that everything works; the figures say little. */
const QUICK = { rounds: 1, requests: 300 }

const QUICK_TURNS = { rounds: 1, turnMs: 200 }

/** Reads the arguments; never throws. */
export function readCommand(args: readonly string[]): CommandLine<Bench> {
  return readCommandLine<Bench>({
    program: 'npm run bench --',
    args,
    define(program, ask) {
      defineGateway(program, ask)
      defineGatewayFaults(program, ask)
      defineHostileDocuments(program, ask)
      defineIngestFaults(program, ask)
      defineEvaluator(program, ask)
      defineIngest(program, ask)
      defineImport(program, ask)
      defineAnalysis(program, ask)
      defineStatistics(program, ask)
      defineRecommend(program, ask)
      defineRecommendBeside(program, ask)
      defineTrain(program, ask)
      program
        .command('train-quality')
        .description('Trains on the data sets of ../shared/data, and compares with published figures.')
        .action(() => ask(runQualityBench))
    },
  })
}

function defineGateway(program: Command, ask: Ask): void {
  withCounts(program.command('gateway'), { rounds: 3, requests: 3_000, connections: 16 })
    .description('Compares the gateway with its peers in front of the same subgraphs: CPU, latency, memory.')
    .option('--warm-up <N>', 'requests of each before the first round', count(1_000_000), WARM_UP_REQUESTS)
    .option('--sizes <LIST>', 'items of a slate', sizes, [20, 60, 200])
    .addOption(choice('--exposures <WHICH>', 'queries with or without exposures', EXPOSURES))
    .addOption(choice('--subgraphs <WHICH>', 'canned ones, real ones on SQLite with the demo', SUBGRAPHS))
    .option('--peers <LIST>', 'only these, by how their names begin, such as bulkhead,apollo', names)
    .option('--profile', 'have Node write CPU profiles of our gateway beside the results')
    .action(
      (
        options: Counts & {
          readonly warmUp: number
          readonly sizes: readonly number[]
          readonly exposures: keyof typeof EXPOSURES
          readonly subgraphs: keyof typeof SUBGRAPHS
          readonly peers?: readonly string[]
          readonly profile?: true
          readonly quick?: true
        },
      ) =>
        ask((context) =>
          runGatewayBench(
            {
              ...countsOf(options),
              warmUpRequests: options.quick === true ? QUICK.requests : options.warmUp,
              sizes: options.sizes,
              exposures: EXPOSURES[options.exposures],
              subgraphs: SUBGRAPHS[options.subgraphs],
              peers: options.peers ?? null,
              profile: options.profile === true,
            },
            context,
          ),
        ),
    )
}

function defineGatewayFaults(program: Command, ask: Ask): void {
  withCounts(program.command('gateway-faults'), { rounds: 3, requests: 2_000, connections: 8 })
    .description('Measures what clients of the gateway notice while experimentation is slow or gone.')
    .addOption(
      new Option('--after-first-part <WHAT>', 'clients leave, or stay for the rest while others ask')
        .choices(Object.keys(AFTER_FIRST_PART))
        .default('leave'),
    )
    .action(
      (
        options: Counts & {
          readonly afterFirstPart: keyof typeof AFTER_FIRST_PART
          readonly quick?: true
        },
      ) =>
        ask((context) =>
          runFaultsBench(
            { ...countsOf(options), reading: AFTER_FIRST_PART[options.afterFirstPart] },
            context,
          ),
        ),
    )
}

function defineHostileDocuments(program: Command, ask: Ask): void {
  program
    .command('hostile-documents')
    .description('Sends generated hostile documents to our gateway, and measures the CPU time of each.')
    .option('--requests <N>', 'requests, of each kind in turn', count(1_000_000), 10_000)
    .option('--seed <N>', 'where the random numbers begin', count(1_000_000), 1)
    .option('--quick', 'few requests, to see that everything works')
    .action((options: HostileOptions & { readonly quick?: true }) =>
      ask((context) =>
        runHostileBench(
          { requests: options.quick === true ? QUICK.requests : options.requests, seed: options.seed },
          context,
        ),
      ),
    )
}

function defineIngestFaults(program: Command, ask: Ask): void {
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

function defineEvaluator(program: Command, ask: Ask): void {
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

function defineIngest(program: Command, ask: Ask): void {
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

function defineImport(program: Command, ask: Ask): void {
  program
    .command('import')
    .description("Measures rows/s of an import into an empty store, against the datastores' own bulk insert.")
    .option('--sizes <LIST>', 'rows of each file', numbers, [100_000, 1_000_000, 10_000_000])
    .option('--quick', 'small files, to see that everything works')
    .action(({ sizes: rows, quick }: { readonly sizes: readonly number[]; readonly quick?: true }) =>
      ask((context) => runImportBench({ sizes: quick === true ? [5_000, 20_000] : rows }, context)),
    )
}

function defineAnalysis(program: Command, ask: Ask): void {
  program
    .command('analysis')
    .description(
      'Measures an analysis by size, with its peak memory and growth law, counts by size, and the p99 of the service beside it.',
    )
    .option('--units <LIST>', 'exposed units of each size', numbers, [10_000, 100_000, 1_000_000])
    .option('--interactions <N>', 'interactions of each unit', count(1_000), 20)
    .option('--exposures <LIST>', 'exposures at which counts are read', numbers, [5_000, 5_000_000])
    .option('--events <N>', 'events of the service beside which analyses run', count(100_000_000), 300_000)
    .option('--rounds <N>', 'rounds, in each of which the service is measured alone and not', count(99), 5)
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

function defineStatistics(program: Command, ask: Ask): void {
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

function defineRecommend(program: Command, ask: Ask): void {
  withCounts(program.command('recommend'), { rounds: 3, requests: 3_000, connections: 16 })
    .description(
      'Measures what a slate costs on each datastore, against the same server that answers one from memory.',
    )
    .option('--warm-up <N>', 'requests of each before the first round', count(1_000_000), 3_000)
    .option('--items <N>', 'items of the catalogue', count(10_000_000), 20_000)
    .action(
      (options: Counts & { readonly warmUp: number; readonly items: number; readonly quick?: true }) => {
        const { warmUp, items, quick } = options
        const warmUpRequests = quick === true ? QUICK.requests : warmUp
        ask((context) => runRecommendBench({ ...countsOf(options), warmUpRequests, items }, context))
      },
    )
}

function defineRecommendBeside(program: Command, ask: Ask): void {
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

function defineTrain(program: Command, ask: Ask): void {
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

function withCounts(command: Command, counts: Counts): Command {
  return command
    .option('--rounds <N>', 'rounds, in each of which all take their turn', count(99), counts.rounds)
    .option('--requests <N>', 'requests of each in a round', count(1_000_000), counts.requests)
    .option('--connections <N>', 'requests of the load under way at a time', count(1_000), counts.connections)
    .option('--quick', 'one round of few requests, to see that everything works')
}

function countsOf(options: Counts & { readonly quick?: true }): Counts {
  const { rounds, requests, connections } = options
  return options.quick === true ? { ...QUICK, connections } : { rounds, requests, connections }
}

function choice(flags: string, about: string, choices: Readonly<Record<string, unknown>>): Option {
  return new Option(flags, about).choices(Object.keys(choices)).default('both')
}

function count(max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (Number.isInteger(value) && value >= 1 && value <= max) return value
    throw new InvalidArgumentError(`It is not a whole number from 1 to ${max}.`)
  }
}

function sizes(text: string): number[] {
  return text.split(',').map(count(MAX_ITEMS))
}

const MAX_UNITS = 100_000_000

function numbers(text: string): number[] {
  return text.split(',').map(count(MAX_UNITS))
}

function names(text: string): string[] {
  return text.split(',').filter((name) => name !== '')
}
