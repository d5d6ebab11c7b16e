import { formatTable } from '@bulkhead/service/format-table'
import type { BenchContext } from '../context.ts'
import { createResultsFolder, writeResults } from '../harness/results.ts'
import type { Contestant, Measured } from '../harness/rounds.ts'
import { median } from '../harness/statistics.ts'
import { contestantOf, measureSlates } from './contestant.ts'
import { type SlateServer, startConstant, startPersonalization } from './services.ts'

export type RecommendBenchOptions = {
  readonly rounds: number
  readonly requests: number
  readonly warmUpRequests: number
  readonly connections: number
  /** Items of the catalogue. */
  readonly items: number
}

/** What must hold: CPU of a slate against the constant one. */
const MAX_RATIO = { sqlite: 1.8, mongodb: 2.5 } as const

/**
 * What a slate costs, from a user who was not asked for before, durable and with the delivery of its events, against the
 * same server that answers a slate of the same size from memory. False where an answer was wrong or a limit does not hold.
 */
export async function runRecommendBench(
  options: RecommendBenchOptions,
  { resources, write, progress }: BenchContext,
): Promise<boolean> {
  const problems: string[] = []
  const contestants: Contestant[] = []
  // Each has its own datastore, so all are asked for the same users, and none of them for the same user twice.
  function add(name: string, server: SlateServer): void {
    const contestant = contestantOf(name, server, options.connections)
    contestants.push({ ...contestant, order: { ...contestant.order, series: name } })
  }
  add('constant', await startConstant(resources))
  const { items, rounds, requests, warmUpRequests } = options
  for (const datastore of ['sqlite', 'mongodb'] as const) {
    progress(`${datastore}: ${items} items, their listeners, and a model`)
    const users = warmUpRequests + rounds * requests
    const server = await startPersonalization(datastore, { items, users }, resources)
    if ('skipped' in server) {
      write(`\n${datastore.toUpperCase()} WAS NOT MEASURED: ${server.skipped}`)
      continue
    }
    add(datastore, server)
    add(`constant, written to ${datastore}`, await startConstant(resources, server.emptyUrl))
  }
  const measured = await measureSlates(contestants, options, { resources, progress })
  const figures = measured.map((one) => ({ ...one, ratio: ratioTo(measured[0], one) }))
  for (const { name, ratio, failure } of figures) {
    if (failure !== null) problems.push(`${name}: ${failure}`)
    const limit = name === 'sqlite' || name === 'mongodb' ? MAX_RATIO[name] : Number.POSITIVE_INFINITY
    if (ratio > limit) problems.push(`a slate on ${name} costs ${ratio.toFixed(2)} times the constant one`)
  }
  write(`\n${rounds} rounds of ${requests} slates, ${options.connections} at a time, ${items} items`)
  write(formatFigures(figures))
  for (const problem of problems) write(`FAILED: ${problem}`)
  write(`\n${writeResults(createResultsFolder('recommend'), { options, figures, problems })}`)
  return problems.length === 0
}

/**
 * The median over the rounds of what a slate costs to what the constant one costs in the same round: what slows the machine
 * down for a while is in both.
 */
function ratioTo(constant: Measured | undefined, { rounds }: Measured): number {
  return median(
    rounds.map(({ cpuUsPerRequest }, round) => {
      return cpuUsPerRequest / (constant?.rounds[round]?.cpuUsPerRequest ?? Number.NaN)
    }),
  )
}

function formatFigures(figures: readonly (Measured & { readonly ratio: number })[]): string {
  return formatTable(
    ['', 'CPU µs a slate', 'to constant', 'p50 ms', 'p99 ms', 'slates/s', 'peak MiB'],
    figures.map(({ name, ratio, median }) => [
      name,
      median.cpuUsPerRequest.toFixed(0),
      ratio.toFixed(2),
      median.p50Ms.toFixed(1),
      median.p99Ms.toFixed(1),
      median.requestsPerSecond.toFixed(0),
      median.peakRssMiB.toFixed(0),
    ]),
  )
}
