import { formatTable } from '@bulkhead/service/format-table'
import type { BenchContext } from '../context.ts'
import { p99AtRate } from '../harness/open-load.ts'
import { createResultsFolder, writeResults } from '../harness/results.ts'
import { median } from '../harness/statistics.ts'
import { type Asker, createAsker } from './asker.ts'
import { DISTURBANCES, type Disturbance, disturbances } from './disturbances.ts'
import { startPersonalization } from './services.ts'

export type BesideBenchOptions = {
  readonly rounds: number
  readonly turnMs: number
  /** Items of the catalogue. */
  readonly items: number
  /** Rows of an import. */
  readonly rows: number
}

/** What must hold: the p99 of slates beside something, relative to the p99 without. */
const MAX_P99_RATIO = 1.2
/** Between the starts of two requests. */
const INTERVAL_MS = 20

type Figures = {
  readonly datastore: string
  readonly disturbance: string
  readonly aloneP99Ms: readonly number[]
  readonly besideP99Ms: readonly number[]
  /** How often it came to its end beside the slates. */
  readonly finished: number
  readonly refused: number
}

/**
 * The p99 of slates at a fixed rate while something else goes on, and while nothing does; turns alternate. False where a
 * request failed or a limit does not hold.
 */
export async function runBesideBench(
  options: BesideBenchOptions,
  { resources, write, progress }: BenchContext,
): Promise<boolean> {
  const figures: Figures[] = []
  for (const datastore of ['sqlite', 'mongodb'] as const) {
    // One datastore after the other, so that they do not take each other's time.
    await using own = resources.use(new AsyncDisposableStack())
    progress(`${datastore}: ${options.items} items, their listeners, and a model`)
    const users = usersOf(options)
    const server = await startPersonalization(datastore, { items: options.items, users }, own)
    if ('skipped' in server) {
      write(`\n${datastore.toUpperCase()} WAS NOT MEASURED: ${server.skipped}`)
      continue
    }
    const ask = createAsker(server)
    for (const disturbance of disturbances(server, { ...options, from: users })) {
      figures.push({ datastore, ...(await measure(disturbance, ask, options, progress)) })
    }
  }
  const problems = figures.flatMap(problemsOf)
  write(`\np99 of slates, one each ${INTERVAL_MS} ms, ${options.rounds} rounds of ${options.turnMs} ms`)
  write(formatFigures(figures))
  for (const problem of problems) write(`FAILED: ${problem}`)
  write(`\n${writeResults(createResultsFolder('recommend-beside'), { options, figures, problems })}`)
  return problems.length === 0
}

async function measure(
  disturbance: Disturbance,
  { ask, refused }: Asker,
  options: BesideBenchOptions,
  progress: (line: string) => void,
): Promise<Omit<Figures, 'datastore'>> {
  const turn = () => p99AtRate(ask, { intervalMs: INTERVAL_MS, turnMs: options.turnMs })
  const aloneP99Ms: number[] = []
  const besideP99Ms: number[] = []
  const refusedBefore = refused()
  let finished = 0
  // Not measured: code is compiled and caches are filled.
  await turn()
  for (let round = 1; round <= options.rounds; round += 1) {
    await disturbance.prepare()
    aloneP99Ms.push(await turn())
    const controller = new AbortController()
    let done = false
    const disturbed = disturbance.run(controller.signal).then(() => {
      done = true
    })
    // If it fails, it fails the bench when its turn is over.
    disturbed.catch(() => undefined)
    try {
      besideP99Ms.push(await turn())
      if (done) finished += 1
    } finally {
      controller.abort()
      await disturbed
    }
    progress(
      `round ${round}: ${disturbance.name}, p99 ${aloneP99Ms.at(-1)?.toFixed(1)} ms alone, ${besideP99Ms.at(-1)?.toFixed(1)} ms beside it`,
    )
  }
  return {
    disturbance: disturbance.name,
    aloneP99Ms,
    besideP99Ms,
    finished,
    refused: refused() - refusedBefore,
  }
}

/** Each request of every turn has a user of its own. */
function usersOf({ rounds, turnMs }: BesideBenchOptions): number {
  return Math.ceil((DISTURBANCES * (1 + 2 * rounds) * turnMs) / INTERVAL_MS)
}

function ratioOf({ aloneP99Ms, besideP99Ms }: Figures): number {
  return median(besideP99Ms) / median(aloneP99Ms)
}

function problemsOf(figures: Figures): readonly string[] {
  const { datastore, disturbance, refused } = figures
  return [
    ...(ratioOf(figures) > MAX_P99_RATIO
      ? [`${datastore}: the p99 is ${ratioOf(figures).toFixed(2)} times as long beside the ${disturbance}`]
      : []),
    ...(refused > 0 ? [`${datastore}: ${refused} slates failed beside the ${disturbance}`] : []),
  ]
}

function formatFigures(figures: readonly Figures[]): string {
  return formatTable(
    ['', 'beside', 'alone ms', 'beside ms', 'ratio', 'came to its end'],
    figures.map((one) => [
      one.datastore,
      one.disturbance,
      median(one.aloneP99Ms).toFixed(1),
      median(one.besideP99Ms).toFixed(1),
      ratioOf(one).toFixed(2),
      String(one.finished),
    ]),
  )
}
