import type { TestProcess } from '@bulkhead/e2e/harness/processes'
import type { LoadOrder, LoadResult } from './load.ts'
import type { LoadProcess } from './load-client.ts'
import { median } from './statistics.ts'
import { readUsage, type Usage } from './usage.ts'

/** One of the processes that are compared. */
export type Contestant = {
  readonly name: string
  readonly process: TestProcess
  readonly order: Omit<LoadOrder, 'requests' | 'maxMs'>
}

export type Figures = {
  /** User and system time of the measured process and its children. */
  readonly cpuUsPerRequest: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly requestsPerSecond: number
  readonly rssMiB: number
  /** Since the process began. */
  readonly peakRssMiB: number
  /** How far the bench's own counters went up, for each request. */
  readonly counted: Readonly<Record<string, number>>
}

export type Round = Figures & { readonly requests: number; readonly failures: LoadResult['failures'] }

export type Measured = {
  readonly name: string
  /** The median of each figure over the rounds. */
  readonly median: Figures
  readonly rounds: readonly Round[]
  /** The first answer in any round that was not as expected. A contestant with one has no valid figures. */
  readonly failure: string | null
}

export type RoundsOptions = {
  readonly load: LoadProcess
  readonly rounds: number
  readonly requests: number
  readonly warmUpRequests: number
  /** Upper bound on a round, and on the warm-up. */
  readonly maxMs: number
  /** Anything that counts up, such as what a subgraph was asked; read before and after each round. */
  readonly counters: () => Promise<Readonly<Record<string, number>>>
  readonly progress: (line: string) => void
}

/**
 * Measures the contestants in turns (A B C, A B C, …), so that whatever else the machine does meets all of them. Each is
 * warmed up first.
 */
export async function measureInTurns(
  contestants: readonly Contestant[],
  options: RoundsOptions,
): Promise<readonly Measured[]> {
  for (const { name, order } of contestants) {
    options.progress(`warming up ${name}`)
    await options.load.run({ ...order, requests: options.warmUpRequests, maxMs: options.maxMs })
  }
  const rounds = new Map<Contestant, Round[]>(contestants.map((contestant) => [contestant, []]))
  for (let round = 1; round <= options.rounds; round++) {
    for (const [contestant, done] of rounds) {
      const measured = await measure(contestant, options)
      done.push(measured)
      options.progress(
        `round ${round}: ${contestant.name} ${measured.cpuUsPerRequest.toFixed(0)} µs a request, p99 ${measured.p99Ms.toFixed(1)} ms`,
      )
    }
  }
  return [...rounds].map(([{ name }, done]) => ({
    name,
    median: medianOf(done),
    rounds: done,
    failure: done.find(({ failures }) => failures.count > 0)?.failures.example ?? null,
  }))
}

async function measure(contestant: Contestant, options: RoundsOptions): Promise<Round> {
  const countersBefore = await options.counters()
  const before = usageOf(contestant)
  const result = await options.load.run({
    ...contestant.order,
    requests: options.requests,
    maxMs: options.maxMs,
  })
  const after = usageOf(contestant)
  const countersAfter = await options.counters()
  const { requests, p50Ms, p99Ms, failures } = result
  return {
    requests,
    cpuUsPerRequest: ((after.cpuMs - before.cpuMs) * 1_000) / requests,
    p50Ms,
    p99Ms,
    requestsPerSecond: requests / (result.elapsedMs / 1_000),
    rssMiB: after.rssMiB,
    peakRssMiB: after.peakRssMiB,
    counted: Object.fromEntries(
      Object.entries(countersAfter).map(([name, value]) => [
        name,
        (value - (countersBefore[name] ?? 0)) / requests,
      ]),
    ),
    failures,
  }
}

function medianOf(rounds: readonly Round[]): Figures {
  const of = (figure: (round: Round) => number): number => median(rounds.map(figure))
  return {
    cpuUsPerRequest: of((round) => round.cpuUsPerRequest),
    p50Ms: of((round) => round.p50Ms),
    p99Ms: of((round) => round.p99Ms),
    requestsPerSecond: of((round) => round.requestsPerSecond),
    rssMiB: of((round) => round.rssMiB),
    peakRssMiB: of((round) => round.peakRssMiB),
    counted: Object.fromEntries(
      Object.keys(rounds[0]?.counted ?? {}).map((name) => [name, of((round) => round.counted[name] ?? 0)]),
    ),
  }
}

function usageOf({ name, process }: Contestant): Usage {
  if (process.exited()) throw new Error(`${name} has ended:\n${process.output()}`)
  return readUsage(process.pid)
}
