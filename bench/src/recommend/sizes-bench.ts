import type { TestProcess } from '@bulkhead/e2e/harness/processes'
import { formatTable } from '@bulkhead/service/format-table'
import type { BenchContext } from '../context.ts'
import { latenciesAtRate } from '../harness/open-load.ts'
import { createResultsFolder, writeResults } from '../harness/results.ts'
import type { Measured } from '../harness/rounds.ts'
import { growthExponent, median, percentile } from '../harness/statistics.ts'
import { type Asker, createAsker } from './asker.ts'
import { contestantOf, measureSlates } from './contestant.ts'
import { type PersonalizationServer, type Sizes, startPersonalization } from './services.ts'

export type SizesBenchOptions = {
  readonly rounds: number
  readonly requests: number
  readonly warmUpRequests: number
  readonly connections: number
  /** Items of the catalogues. Each of these stores has the smallest number of `users`. */
  readonly items: readonly number[]
  /** Users with a history. Each of these stores has the smallest number of `items`. */
  readonly users: readonly number[]
  /** How long slates are asked for at a fixed rate. */
  readonly turnMs: number
}

type Case = {
  readonly name: string
  readonly sizes: Sizes
  readonly server: PersonalizationServer
  readonly atRate: AtRate
}

type CaseFigures = Measured & Pick<Case, 'sizes' | 'atRate'>

/** Slates that are asked for at a fixed rate, whether the last answer is there or not. */
type Turn = { readonly slatesPerSecond: number; readonly p50Ms: number; readonly p99Ms: number }

/** The medians of the turns. */
type AtRate = Turn & {
  readonly refused: number
  /** The first wrong answer while the maximum rate was looked for. */
  readonly failure: string | null
}

/**
 * A tenth of the default, which is for catalogues whose items have more listeners: of a million items with a few it would
 * draw all factors to 0.
 */
const TRAINING = ['--algorithm', 'ials', '--regularization', '0.001']

/** What must hold, against the smallest size in the same run. */
const MAX_CPU_RATIO = 1.3
const MAX_P99_RATIO = 1.5
/** What must hold at 60 % of the rate that 16 connections reach. */
const RATE_SHARE = 0.6
const MAX_TAIL_RATIO = 4

/**
 * What a slate costs on SQLite by the items of the catalogue and by the users with a history, how long it takes at 60 % of
 * the maximum rate, and how much memory the process has. False where an answer was wrong or a limit does not hold.
 */
export async function runSizesBench(
  options: SizesBenchOptions,
  { resources, write, progress }: BenchContext,
): Promise<boolean> {
  const cases: Case[] = []
  const planned = casesOf(options)
  // Whoever is asked for has a history in each of the stores.
  const needed = planned.length * (options.warmUpRequests + options.rounds * options.requests)
  if (needed > Math.min(...options.users)) {
    throw new Error(`${needed} users are asked for: give --users of at least as many, or fewer --requests`)
  }
  for (const sizes of planned) {
    const name = nameOf(sizes)
    progress(`${name}: filling the store, and a training`)
    const server = await startPersonalization('sqlite', sizes, resources, TRAINING)
    if ('skipped' in server) throw new Error(server.skipped)
    const others = cases.flatMap((other) => [other.server.process, other.server.experimentation])
    const atRate = await whileStopped(others, () =>
      measureAtRate(name, server, options, { resources, progress }),
    )
    cases.push({ name, sizes, server, atRate })
  }
  const contestants = cases.map(({ name, server }) => contestantOf(name, server, options.connections))
  const measured = await measureSlates(contestants, options, { resources, progress })
  const figures = cases.map(
    ({ sizes, atRate }, index): CaseFigures => ({ ...(measured[index] as Measured), sizes, atRate }),
  )
  const problems = problemsOf(figures)
  write(
    `\n${options.rounds} rounds of ${options.requests} slates on SQLite, ${options.connections} at a time`,
  )
  write(formatFigures(figures))
  write(memoryLine(figures, 'items', 10_000))
  write(memoryLine(figures, 'users', 100_000))
  for (const problem of problems) write(`FAILED: ${problem}`)
  write(`\n${writeResults(createResultsFolder('recommend-sizes'), { options, figures, problems })}`)
  return problems.length === 0
}

/** First the smallest of both sizes, then those with more items, then those with more users. */
function casesOf({ items, users }: SizesBenchOptions): readonly Sizes[] {
  const [fewestItems, fewestUsers] = [Math.min(...items), Math.min(...users)]
  const larger = (sizes: readonly number[], than: number) =>
    sizes.filter((size) => size > than).sort((a, b) => a - b)
  return [
    { items: fewestItems, users: fewestUsers },
    ...larger(items, fewestItems).map((size) => ({ items: size, users: fewestUsers })),
    ...larger(users, fewestUsers).map((size) => ({ items: fewestItems, users: size })),
  ]
}

function nameOf({ items, users }: Sizes): string {
  return `${items} items, ${users} users`
}

/** Stops the other servers meanwhile: one that collects its garbage or analyses then would decide the p99. */
async function whileStopped<Result>(
  others: readonly TestProcess[],
  run: () => Promise<Result>,
): Promise<Result> {
  for (const other of others) other.freeze()
  try {
    return await run()
  } finally {
    for (const other of others) other.thaw()
  }
}

/** Looks for the rate that all connections reach, and asks at a share of it. */
async function measureAtRate(
  name: string,
  server: PersonalizationServer,
  options: SizesBenchOptions,
  { resources, progress }: Pick<BenchContext, 'resources' | 'progress'>,
): Promise<AtRate> {
  const contestant = contestantOf(name, server, options.connections)
  const [full] = await measureSlates([contestant], { ...options, rounds: 1 }, { resources, progress })
  const { median: fullRate, failure } = full as Measured
  const asker = createAsker(server)
  const turns: Turn[] = []
  for (let round = 1; round <= options.rounds; round++) {
    const turn = await takeTurn(asker, RATE_SHARE * fullRate.requestsPerSecond, options.turnMs)
    progress(
      `${name} at ${turn.slatesPerSecond.toFixed(0)} a second: p50 ${turn.p50Ms.toFixed(1)} ms, p99 ${turn.p99Ms.toFixed(1)} ms`,
    )
    turns.push(turn)
  }
  return { ...medianOf(turns), refused: asker.refused(), failure }
}

async function takeTurn({ ask }: Asker, slatesPerSecond: number, turnMs: number): Promise<Turn> {
  const latencies = Float64Array.from(
    await latenciesAtRate(ask, { intervalMs: 1_000 / slatesPerSecond, turnMs }),
  ).sort()
  return {
    slatesPerSecond: latencies.length / (turnMs / 1_000),
    p50Ms: percentile(latencies, 50),
    p99Ms: percentile(latencies, 99),
  }
}

function medianOf(turns: readonly Turn[]): Turn {
  return {
    slatesPerSecond: median(turns.map(({ slatesPerSecond }) => slatesPerSecond)),
    p50Ms: median(turns.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(turns.map(({ p99Ms }) => p99Ms)),
  }
}

function problemsOf(figures: readonly CaseFigures[]): readonly string[] {
  const smallest = figures[0]
  if (smallest === undefined) return []
  const limits = [
    { what: 'CPU time', most: MAX_CPU_RATIO, of: ({ median }: Measured) => median.cpuUsPerRequest },
    { what: 'the p99', most: MAX_P99_RATIO, of: ({ median }: Measured) => median.p99Ms },
  ]
  return figures.flatMap((one) => [
    ...[one.failure, one.atRate.failure].flatMap((failure) =>
      failure === null ? [] : [`${one.name}: ${failure}`],
    ),
    ...(one.atRate.refused === 0 ? [] : [`${one.name}: ${one.atRate.refused} slates failed at a fixed rate`]),
    ...limits
      .filter(({ of, most }) => of(one) > most * of(smallest))
      .map(
        ({ what, of }) =>
          `${one.name}: ${what} is ${(of(one) / of(smallest)).toFixed(2)} times that of ${smallest.name}`,
      ),
    ...(one.atRate.p99Ms > MAX_TAIL_RATIO * one.atRate.p50Ms
      ? [
          `${one.name}: at ${RATE_SHARE * 100} % of the maximum rate the p99 is over ${MAX_TAIL_RATIO} times the p50`,
        ]
      : []),
  ])
}

function formatFigures(figures: readonly CaseFigures[]): string {
  const smallest = figures[0]?.median
  const ratio = (value: number, to: number | undefined) => (value / (to ?? Number.NaN)).toFixed(2)
  return formatTable(
    ['', 'CPU µs', 'ratio', 'p99 ms', 'ratio', 'slates/s', 'at rate/s', 'its p50 ms', 'its p99 ms', 'MiB'],
    figures.map(({ name, median, atRate }) => [
      name,
      median.cpuUsPerRequest.toFixed(0),
      ratio(median.cpuUsPerRequest, smallest?.cpuUsPerRequest),
      median.p99Ms.toFixed(1),
      ratio(median.p99Ms, smallest?.p99Ms),
      median.requestsPerSecond.toFixed(0),
      atRate.slatesPerSecond.toFixed(0),
      atRate.p50Ms.toFixed(1),
      atRate.p99Ms.toFixed(1),
      median.rssMiB.toFixed(0),
    ]),
  )
}

/** How the memory of the process grows with one of the sizes, from the smallest to the largest. */
function memoryLine(figures: readonly CaseFigures[], by: keyof Sizes, per: number): string {
  const other = by === 'items' ? 'users' : 'items'
  const smallest = figures[0]
  const points = figures
    .filter(({ sizes }) => sizes[other] === smallest?.sizes[other])
    .map(({ sizes, median }) => ({ size: sizes[by], cost: median.rssMiB }))
  const [first, last] = [points[0], points.at(-1)]
  if (first === undefined || last === undefined || first === last) return `memory by ${by}: one size only`
  const mib = ((last.cost - first.cost) / (last.size - first.size)) * per
  return `memory: ${mib.toFixed(1)} MiB for ${per} ${by}; all of it grows as ${by} to the ${growthExponent(points).toFixed(2)}`
}
