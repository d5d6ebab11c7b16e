import { type Command, Option } from 'commander'
import { runFaultsBench } from '../gateway/faults-bench.ts'
import { runGatewayBench } from '../gateway/gateway-bench.ts'
import { runHostileBench } from '../hostile-documents/hostile-bench.ts'
import type { HostileOptions } from '../hostile-documents/measurement.ts'
import { type Ask, type Counts, choice, count, countsOf, names, QUICK, sizes, withCounts } from './options.ts'

const EXPOSURES = { with: [true], without: [false], both: [true, false] } as const
const SUBGRAPHS = { canned: ['canned'], real: ['real'], both: ['canned', 'real'] } as const
const AFTER_FIRST_PART = { leave: 'first-part-then-leave', stay: 'first-part-then-stay' } as const
/** V8 still compiles after twenty thousand requests (ours takes a third less CPU then), and a gateway runs for days. */
const WARM_UP_REQUESTS = 30_000

export function defineGateway(program: Command, ask: Ask): void {
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

export function defineGatewayFaults(program: Command, ask: Ask): void {
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

export function defineHostileDocuments(program: Command, ask: Ask): void {
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
