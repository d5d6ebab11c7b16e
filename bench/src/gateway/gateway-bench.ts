import type { Config } from '../config.ts'
import type { BenchContext } from '../context.ts'
import { startLoad } from '../harness/load-client.ts'
import { createResultsFolder, writeResults } from '../harness/results.ts'
import { compareGateways } from './compare-gateways.ts'
import { hiveGateways } from './peers/hive-gateway.ts'
import { hiveRouter } from './peers/hive-router.ts'
import { ourGateway } from './peers/ours.ts'
import type { Peer } from './peers/peer.ts'
import { STOCK_GATEWAY } from './peers/stock.ts'
import { type Comparison, formatComparison, formatGrowth } from './report.ts'
import { startCannedSubgraphs } from './subgraphs/canned.ts'
import { startRealSubgraphs } from './subgraphs/real.ts'
import type { Subgraphs } from './subgraphs/subgraphs.ts'
import { workload } from './workloads.ts'

export type GatewayBenchOptions = {
  readonly rounds: number
  /** Of each gateway in each round. */
  readonly requests: number
  /** Of each gateway before the first round; stops early after `MAX_ROUND_MS`. */
  readonly warmUpRequests: number
  readonly connections: number
  /** Items of a slate. */
  readonly sizes: readonly number[]
  /** Whether the queries ask for exposures; each case is a workload of its own. */
  readonly exposures: readonly boolean[]
  readonly subgraphs: readonly Subgraphs['kind'][]
  /** How the names begin of those that take part; null for all. */
  readonly peers: readonly string[] | null
  /** Has Node write CPU profiles of our gateway beside the results. */
  readonly profile: boolean
}

const MAX_ROUND_MS = 60_000
/** The peers have no such deadline; ours must not miss exposures only because the machine is busy. */
const ENTITY_DEADLINE_MS = 5_000
const START = { canned: startCannedSubgraphs, real: startRealSubgraphs }

/** Compares our gateway with its peers; false where one of them gave a wrong answer. */
export async function runGatewayBench(
  options: GatewayBenchOptions,
  { config, resources, write, progress }: BenchContext,
): Promise<boolean> {
  const { rounds, requests, warmUpRequests, connections } = options
  const folder = createResultsFolder('gateway')
  const present: Peer[] = []
  const skipped: Record<string, string> = {}
  for (const peer of peersOf(options, config, folder)) {
    progress(`preparing ${peer.name}`)
    const problem = (await peer.prepare?.()) ?? null
    if (problem === null) present.push(peer)
    else skipped[peer.name] = problem
    write(`${peer.name}: ${problem === null ? peer.configured : `SKIPPED: ${problem}`}`)
  }

  const load = startLoad(resources)
  const comparisons: Comparison[] = []
  for (const kind of options.subgraphs) {
    progress(`starting ${kind} subgraphs`)
    await using started = new AsyncDisposableStack()
    const subgraphs = await START[kind](started)
    for (const asked of workloadsOf(options)) {
      const measured = await compareGateways(present, {
        subgraphs,
        workload: asked,
        connections,
        load,
        rounds,
        requests,
        warmUpRequests,
        maxMs: MAX_ROUND_MS,
        counters: () => subgraphs.counters(),
        progress: (line) => progress(`${asked.name}: ${line}`),
      })
      const comparison = { subgraphs: kind, workload: asked, measured }
      comparisons.push(comparison)
      write(`\n${asked.name}, ${kind} subgraphs, ${connections} connections, medians of ${rounds} rounds`)
      write(formatComparison(comparison))
    }
  }
  if (options.sizes.length > 1) {
    write('\nexponent of the CPU time over the number of items; 1 is in proportion')
    write(formatGrowth(comparisons))
  }
  write(`\n${writeResults(folder, { options, peers: present, skipped, comparisons })}`)
  return comparisons.every(({ measured }) => measured.every(({ failure }) => failure === null))
}

function peersOf({ peers, profile }: GatewayBenchOptions, config: Config, folder: string): readonly Peer[] {
  return [
    ourGateway({ profileFolder: profile ? folder : null, entityDeadlineMs: ENTITY_DEADLINE_MS }),
    STOCK_GATEWAY,
    ...hiveGateways(config),
    hiveRouter(config),
  ].filter(({ name }) => peers === null || peers.some((beginning) => name.startsWith(beginning)))
}

function workloadsOf({ sizes, exposures }: GatewayBenchOptions) {
  return exposures.flatMap((wanted) => sizes.map((items) => workload(items, wanted)))
}
