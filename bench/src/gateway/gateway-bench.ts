import type { Config } from '../config.ts'
import { startLoad } from '../harness/load-client.ts'
import { createResultsFolder, formatTable, writeResults } from '../harness/results.ts'
import type { Measured } from '../harness/rounds.ts'
import { growthExponent } from '../harness/statistics.ts'
import { compareGateways } from './compare-gateways.ts'
import { hiveGateways } from './peers/hive-gateway.ts'
import { OURS, ourGateway } from './peers/ours.ts'
import type { AbsentPeer, Peer } from './peers/peer.ts'
import { STOCK_GATEWAY } from './peers/stock.ts'
import { startCannedSubgraphs } from './subgraphs.ts'
import { type Workload, workload } from './workloads.ts'

export type GatewayBenchOptions = {
  readonly rounds: number
  readonly requests: number
  readonly connections: number
  readonly sizes: readonly number[]
  readonly profile: boolean
}

type Comparison = { readonly workload: Workload; readonly measured: readonly Measured[] }

const MAX_ROUND_MS = 60_000

/** Compares our gateway with its peers; false where one of them gave a wrong answer. */
export async function runGatewayBench(
  options: GatewayBenchOptions & {
    readonly config: Config
    readonly resources: AsyncDisposableStack
    readonly write: (line: string) => void
    readonly progress: (line: string) => void
  },
): Promise<boolean> {
  const { rounds, requests, connections, resources, write, progress } = options
  const folder = createResultsFolder('gateway')
  progress('preparing the peers')
  const all = [
    ourGateway(options.profile ? folder : null),
    STOCK_GATEWAY,
    ...(await hiveGateways(options.config)),
  ]
  const peers = all.filter((peer): peer is Peer => 'program' in peer)
  const absent = all.filter((peer): peer is AbsentPeer => 'absent' in peer)
  for (const peer of absent) write(`SKIPPED: ${peer.name}: ${peer.absent}`)
  for (const peer of peers) write(`${peer.name}: ${peer.configured}`)

  const load = startLoad(resources)
  const subgraphs = await startCannedSubgraphs(resources)
  const comparisons: Comparison[] = []
  for (const exposures of [true, false]) {
    for (const items of options.sizes) {
      const asked = workload(items, exposures)
      const measured = await compareGateways(peers, {
        subgraphs,
        workload: asked,
        connections,
        load,
        rounds,
        requests,
        warmUpRequests: requests,
        maxMs: MAX_ROUND_MS,
        counters: () => subgraphs.counters(),
        progress: (line) => progress(`${asked.name}: ${line}`),
      })
      comparisons.push({ workload: asked, measured })
      write(
        `\n${asked.name}, ${connections} connections, medians of ${rounds} rounds of ${requests} requests`,
      )
      write(tableOf(measured))
    }
  }
  write(`\nhow CPU grows with the number of items (exponent; 1 is in proportion)\n${growthOf(comparisons)}`)
  write(`\n${writeResults(folder, { options: { rounds, requests, connections }, peers: all, comparisons })}`)
  return comparisons.every(({ measured }) => measured.every(({ failure }) => failure === null))
}

function tableOf(measured: readonly Measured[]): string {
  const ours = measured.find(({ name }) => name === OURS)?.median
  const rows = measured.map(({ name, median, failure }) => [
    name,
    median.cpuUsPerRequest.toFixed(0),
    ratio(ours?.cpuUsPerRequest, median.cpuUsPerRequest),
    median.p50Ms.toFixed(1),
    median.p99Ms.toFixed(1),
    median.requestsPerSecond.toFixed(0),
    median.rssMiB.toFixed(0),
    median.peakRssMiB.toFixed(0),
    (median.counted.fetches ?? Number.NaN).toFixed(2),
    (median.counted.connections ?? Number.NaN).toFixed(3),
    failure === null ? '' : `FAILED: ${failure.slice(0, 80)}`,
  ])
  const header = [
    'gateway',
    'CPU µs/request',
    `${OURS}/this`,
    'p50 ms',
    'p99 ms',
    'requests/s',
    'RSS MiB',
    'peak MiB',
    'fetches/request',
    'new connections/request',
    '',
  ]
  return formatTable(header, rows)
}

function ratio(ours: number | undefined, theirs: number): string {
  return ((ours ?? Number.NaN) / theirs).toFixed(3)
}

function growthOf(comparisons: readonly Comparison[]): string {
  const names = comparisons[0]?.measured.map(({ name }) => name) ?? []
  const exponent = (name: string, exposures: boolean): string =>
    growthExponent(
      comparisons
        .filter(({ workload }) => workload.exposures === exposures)
        .map(({ workload, measured }) => ({
          size: workload.items,
          cost: measured.find((each) => each.name === name)?.median.cpuUsPerRequest ?? Number.NaN,
        })),
    ).toFixed(2)
  return formatTable(
    ['gateway', 'with exposures', 'alone'],
    names.map((name) => [name, exponent(name, true), exponent(name, false)]),
  )
}
