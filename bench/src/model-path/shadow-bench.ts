import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Fault, faultyModelsEnv, setFaults } from '@bulkhead/e2e/harness/models/faults'
import { waitUntil } from '@bulkhead/e2e/harness/wait-until'
import { formatTable } from '@bulkhead/service/format-table'
import type { BenchContext } from '../context.ts'
import { unitOf } from '../harness/load.ts'
import { latenciesAtRate, p99Of } from '../harness/open-load.ts'
import { createResultsFolder, writeResults } from '../harness/results.ts'
import { median } from '../harness/statistics.ts'
import { openRegistry } from './registry.ts'
import { type Datastore, type Replicas, startReplicas } from './replicas.ts'
import { askSlate } from './slates.ts'

export type ShadowBenchOptions = {
  readonly datastores: readonly Datastore[]
  /** Keys of FAULTS. */
  readonly shadows: readonly string[]
  readonly rounds: number
  readonly turnMs: number
  readonly items: number
  readonly users: number
}

/** What must hold: the p99 of slates with a model in shadow, relative to the p99 without. */
const MAX_P99_RATIO = 1.1
/** The least rest of a thread that had to be ended, as `shadow-runner.ts` has it. */
const MIN_REST_MS = 900_000
/** Between the starts of two requests. */
const INTERVAL_MS = 20
/** Of the model in shadow; the one in production has another. */
const ALGORITHM = 'item-to-item'

/** How models in shadow behave, by what the command line calls them. A list of one that is well takes less than a millisecond. */
const FAULTS: Readonly<Record<string, Fault | null>> = {
  'is-well': null,
  hangs: { kind: 'hangs' },
  throws: { kind: 'throws' },
  'eats-cpu': { kind: 'slow', ms: 200 },
}
export const SHADOWS: Readonly<Record<string, readonly string[]>> = {
  all: Object.keys(FAULTS),
  ...Object.fromEntries(Object.keys(FAULTS).map((name) => [name, [name]])),
}

type Figures = {
  readonly datastore: Datastore
  readonly shadow: string
  /** Of each turn. */
  readonly aloneP99Ms: readonly number[]
  /** Where it hangs, of this turn and of those without a hang until the next one. */
  readonly besideP99Ms: readonly number[]
  /** Requests that the model in shadow was asked. */
  readonly asked: number
  /** Slates that were not from the model in production. */
  readonly failed: number
}

/**
 * The p99 of slates at a fixed rate with a model in shadow of each kind, and with none; turns alternate. False where a
 * slate failed or the limit does not hold.
 */
export async function runShadowBench(
  options: ShadowBenchOptions,
  { resources, write, progress }: BenchContext,
): Promise<boolean> {
  const figures: Figures[] = []
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-bench-shadow-'))
  resources.defer(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'faults.json')
  for (const datastore of options.datastores) {
    await using own = resources.use(new AsyncDisposableStack())
    setFaults(file, {})
    const env = { ...faultyModelsEnv(file), SHADOW_SAMPLE_RATE: '1' }
    const started = await startReplicas(datastore, { ...options, count: 1, env }, own)
    if ('skipped' in started) write(`\n${datastore.toUpperCase()} WAS NOT MEASURED: ${started.skipped}`)
    else
      for (const one of await measure(started, { ...options, file }, own, progress))
        figures.push({ datastore, ...one })
  }
  const problems = figures.flatMap(problemsOf)
  write(
    `\np99 of slates, one each ${INTERVAL_MS} ms: the median of ${options.rounds} turns of ${options.turnMs} ms`,
  )
  write(formatFigures(figures))
  for (const problem of problems) write(`FAILED: ${problem}`)
  write(`\n${writeResults(createResultsFolder('shadow'), { options, figures, problems })}`)
  return problems.length === 0
}

async function measure(
  started: Replicas,
  { shadows, rounds, turnMs, users, file }: ShadowBenchOptions & { readonly file: string },
  resources: AsyncDisposableStack,
  progress: (line: string) => void,
): Promise<readonly Omit<Figures, 'datastore'>[]> {
  const url = started.replicas[0]?.url ?? ''
  const registry = await openRegistry(started.datastoreUrl, resources)
  const production = await started.train()
  const source = await started.train('--algorithm', 'item-knn')
  await registry.move(production, 'PRODUCTION')
  let user = 0
  let failed = 0

  async function ask(): Promise<number> {
    const begin = performance.now()
    const slate = await askSlate(url, started.headers, unitOf(user++ % users)).catch(() => null)
    const ms = performance.now() - begin
    if (slate?.modelVersionId !== production) {
      failed += 1
      progress(
        `not from the model in production, after ${ms.toFixed(0)} ms: ${slate?.servedBy ?? 'no slate'}`,
      )
    }
    return ms
  }
  const turn = () => latenciesAtRate(ask, { intervalMs: INTERVAL_MS, turnMs })
  const inShadow = (count: number) =>
    waitUntil(
      `${count} in shadow`,
      async () => (await started.metric(0, 'bulkhead_shadow_versions')) === count,
    )

  /** Asks for slates meanwhile, without which there is nothing to compare. */
  const asked = (id: string) =>
    waitUntil(`${id} was asked`, async () => {
      await ask()
      return (await registry.shadowRequests(id)) > 0
    })

  await waitUntil('the model serves', async () => {
    return (await askSlate(url, started.headers, unitOf(0))).modelVersionId === production
  })
  failed = 0
  // Not measured: code is compiled and caches are filled.
  await turn()
  const figures = shadows.map((shadow) => ({
    shadow,
    aloneP99Ms: [] as number[],
    besideP99Ms: [] as number[],
    asked: 0,
    failed: 0,
  }))
  for (let round = 1; round <= rounds; round += 1) {
    for (const [index, of] of figures.entries()) {
      const alone = await turn()
      const id = `shadow-v${round}-${index}`
      const fault = FAULTS[of.shadow] ?? null
      setFaults(file, fault === null ? {} : { [ALGORITHM]: fault })
      await registry.copy(source, id)
      await registry.move(id, 'SHADOW')
      await inShadow(1)
      const hangs = fault?.kind === 'hangs'
      // The start of its thread happens once, and the models that it is asked of serve for days. One that hangs has it
      // started again each time.
      if (!hangs) await asked(id)
      const beside = await turn()
      // It hangs once in MIN_REST_MS, and this turn holds that once. The other turns of that time are as without it.
      const turns = hangs ? Math.ceil(MIN_REST_MS / turnMs) : 1
      const undisturbed = Array.from({ length: turns - 1 }, () => alone).flat()
      of.aloneP99Ms.push(p99Of(alone))
      of.besideP99Ms.push(p99Of([...beside, ...undisturbed]))
      await registry.move(id, 'RETIRED')
      await inShadow(0)
      of.asked += await registry.shadowRequests(id)
      of.failed += failed
      failed = 0
      progress(
        `round ${round}, ${of.shadow}: ${p99Of(alone).toFixed(1)} ms alone, ${p99Of(beside).toFixed(1)} ms beside it`,
      )
    }
  }
  return figures
}

function ratioOf({ aloneP99Ms, besideP99Ms }: Pick<Figures, 'aloneP99Ms' | 'besideP99Ms'>): number {
  return median(besideP99Ms) / median(aloneP99Ms)
}

function problemsOf(figures: Figures): readonly string[] {
  const { datastore, shadow, failed, asked } = figures
  const what = `${datastore}, a model in shadow that ${wordsOf(shadow)}`
  return [
    ...(ratioOf(figures) > MAX_P99_RATIO
      ? [`${what}: the p99 is ${ratioOf(figures).toFixed(2)} times as long`]
      : []),
    ...(failed > 0 ? [`${what}: ${failed} slates failed`] : []),
    ...(asked === 0 ? [`${what}: it was asked for nothing, so nothing was measured`] : []),
  ]
}

function formatFigures(figures: readonly Figures[]): string {
  return formatTable(
    ['', 'a model in shadow that', 'alone ms', 'beside ms', 'ratio', 'was asked'],
    figures.map((one) => [
      one.datastore,
      wordsOf(one.shadow),
      median(one.aloneP99Ms).toFixed(1),
      median(one.besideP99Ms).toFixed(1),
      ratioOf(one).toFixed(2),
      String(one.asked),
    ]),
  )
}

function wordsOf(shadow: string): string {
  return shadow.replace('-', ' ')
}
