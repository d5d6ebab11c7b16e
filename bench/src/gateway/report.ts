import { formatTable } from '@bulkhead/service/format-table'

import type { Measured } from '../harness/rounds.ts'
import { growthExponent } from '../harness/statistics.ts'
import { OURS } from './peers/ours.ts'
import type { Workload } from './workloads.ts'

export type Comparison = {
  readonly subgraphs: 'canned' | 'real'
  readonly workload: Workload
  readonly measured: readonly Measured[]
}

const SHOWN_FAILURE = 100

export function formatComparison({ measured }: Comparison): string {
  const ours = measured.find(({ name }) => name === OURS)?.median.cpuUsPerRequest ?? Number.NaN
  const counted = Object.keys(measured[0]?.median.counted ?? {})
  const header = [
    'gateway',
    'CPU µs/request',
    `${OURS}/this`,
    'p50 ms',
    'p99 ms',
    'requests/s',
    'RSS MiB',
    'peak MiB',
    ...counted.map((name) => `${name}/request`),
  ]
  const rows = measured.map(({ name, median }) => [
    name,
    median.cpuUsPerRequest.toFixed(0),
    Number.isNaN(ours) ? '-' : (ours / median.cpuUsPerRequest).toFixed(3),
    median.p50Ms.toFixed(1),
    median.p99Ms.toFixed(1),
    median.requestsPerSecond.toFixed(0),
    median.rssMiB.toFixed(0),
    median.peakRssMiB.toFixed(0),
    ...counted.map((counter) => (median.counted[counter] ?? Number.NaN).toFixed(2)),
  ])
  return [formatTable(header, rows), ...problemsOf(measured)].join('\n')
}

function problemsOf(measured: readonly Measured[]): string[] {
  return measured.flatMap(({ name, failure }) =>
    failure === null ? [] : [`FAILED: ${name} gave a wrong answer: ${failure.slice(0, SHOWN_FAILURE)}`],
  )
}

/** How the CPU time of each gateway grows with the number of items, for each kind of workload. */
export function formatGrowth(comparisons: readonly Comparison[]): string {
  const kinds = Map.groupBy(
    comparisons,
    ({ subgraphs, workload }) => `${subgraphs}, ${workload.exposures ? 'with' : 'without'} exposures`,
  )
  const names = comparisons[0]?.measured.map(({ name }) => name) ?? []
  const rows = names.map((name) => [
    name,
    ...[...kinds.values()].map((kind) => growthExponent(costsOf(name, kind)).toFixed(2)),
  ])
  return formatTable(['gateway', ...kinds.keys()], rows)
}

function costsOf(name: string, comparisons: readonly Comparison[]): { size: number; cost: number }[] {
  return comparisons.map(({ workload, measured }) => ({
    size: workload.items,
    cost: measured.find((each) => each.name === name)?.median.cpuUsPerRequest ?? Number.NaN,
  }))
}
