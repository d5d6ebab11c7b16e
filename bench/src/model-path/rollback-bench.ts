import { waitUntil } from '@bulkhead/e2e/harness/wait-until'
import { formatTable } from '@bulkhead/service/format-table'
import type { BenchContext } from '../context.ts'
import { unitOf } from '../harness/load.ts'
import { createResultsFolder, writeResults } from '../harness/results.ts'
import { percentile } from '../harness/statistics.ts'
import { openRegistry } from './registry.ts'
import { type Datastore, type Replicas, startReplicas } from './replicas.ts'
import { askSlate, type ServedSlate } from './slates.ts'

export type RollbackBenchOptions = {
  readonly datastores: readonly Datastore[]
  readonly rollbacks: number
  readonly replicas: number
  readonly items: number
  readonly users: number
}

/** What must hold: from the request for the rollback to the first slate of the version before, on every replica. */
const MAX_MS = 1_000

type Figures = {
  readonly datastore: Datastore
  /** Of every rollback, by replica: since the request was sent. */
  readonly tookMs: readonly (readonly number[])[]
  /** How long the rollback itself took to be acknowledged. */
  readonly acknowledgedMs: readonly number[]
  /** Slates that were not there, or from neither model. */
  readonly wrong: readonly string[]
}

/**
 * A version is promoted, serves on every replica, and is rolled back, again and again, while every replica is asked for
 * slates. False where the version before came later than a second, or a slate failed.
 */
export async function runRollbackBench(
  options: RollbackBenchOptions,
  { resources, write, progress }: BenchContext,
): Promise<boolean> {
  const figures: Figures[] = []
  for (const datastore of options.datastores) {
    await using own = resources.use(new AsyncDisposableStack())
    progress(`${datastore}: ${options.replicas} replicas and ${options.rollbacks} versions`)
    const started = await startReplicas(datastore, { ...options, count: options.replicas }, own)
    if ('skipped' in started) write(`\n${datastore.toUpperCase()} WAS NOT MEASURED: ${started.skipped}`)
    else figures.push({ datastore, ...(await measure(started, options, own, progress)) })
  }
  const problems = figures.flatMap(problemsOf)
  write(`\nFirst slate of the version before, milliseconds since the rollback was asked for`)
  write(formatFigures(figures))
  for (const problem of problems) write(`FAILED: ${problem}`)
  write(`\n${writeResults(createResultsFolder('rollback'), { options, figures, problems })}`)
  return problems.length === 0
}

async function measure(
  started: Replicas,
  { rollbacks }: RollbackBenchOptions,
  resources: AsyncDisposableStack,
  progress: (line: string) => void,
): Promise<Omit<Figures, 'datastore'>> {
  const { replicas } = started
  const registry = await openRegistry(started.datastoreUrl, resources)
  const before = await started.train()
  await registry.move(before, 'PRODUCTION')
  const tookMs: number[][] = []
  const acknowledgedMs: number[] = []
  const wrong: string[] = []
  let user = 0

  async function served(url: string): Promise<ServedSlate> {
    return askSlate(url, started.headers, unitOf(user++ % 500))
  }
  async function serves(id: string): Promise<void> {
    await waitUntil(`every replica serves ${id}`, async () => {
      const slates = await Promise.all(replicas.map(({ url }) => served(url)))
      return slates.every(({ modelVersionId }) => modelVersionId === id)
    })
  }
  /** Asks one replica again and again; resolves to the instant of the first slate of the version before. */
  async function firstOfBefore(url: string, current: string): Promise<number> {
    for (const end = performance.now() + 60_000; performance.now() < end; ) {
      const { modelVersionId, servedBy } = await served(url)
      if (modelVersionId === before) return performance.now()
      if (modelVersionId !== current) wrong.push(`${modelVersionId} instead of ${current}, ${servedBy}`)
    }
    return Number.POSITIVE_INFINITY
  }

  await serves(before)
  for (let n = 1; n <= rollbacks; n += 1) {
    const id = `candidate-v${n}`
    await registry.copy(before, id)
    await registry.move(id, 'PRODUCTION')
    await serves(id)
    const asked = performance.now()
    const first = replicas.map(({ url }) => firstOfBefore(url, id))
    await rollback(started, n % replicas.length, id)
    acknowledgedMs.push(performance.now() - asked)
    const took = (await Promise.all(first)).map((at) => at - asked)
    tookMs.push(took)
    if (n % 10 === 0) progress(`rollback ${n}: ${took.map((ms) => ms.toFixed(0)).join(', ')} ms`)
  }
  return { tookMs, acknowledgedMs, wrong }
}

async function rollback({ replicas, headers }: Replicas, replica: number, id: string): Promise<void> {
  const query =
    'mutation ($id: ID!) { rollbackModel(input: { expectedCurrent: $id, reason: "bench" }) { errors { message } } }'
  const url = replicas[replica]?.url ?? ''
  const body = JSON.stringify({ query, variables: { id } })
  const answer = await (await fetch(url, { method: 'POST', headers, body })).text()
  if (!answer.includes('"errors":[]')) throw new Error(`the rollback of ${id} failed: ${answer}`)
}

function sorted({ tookMs }: Figures): Float64Array {
  return Float64Array.from(tookMs.flat()).sort()
}

function problemsOf(figures: Figures): readonly string[] {
  const { datastore, wrong } = figures
  const late = sorted(figures).filter((ms) => ms > MAX_MS).length
  return [
    ...(late > 0 ? [`${datastore}: ${late} times the version before came later than ${MAX_MS} ms`] : []),
    ...wrong.map((slate) => `${datastore}: a slate was of neither model, ${slate}`),
  ]
}

function formatFigures(figures: readonly Figures[]): string {
  return formatTable(
    ['', 'rollbacks', 'replicas', 'p50', 'p99', 'max', 'acknowledged, max', 'later than 1 s'],
    figures.map((one) => {
      const all = sorted(one)
      const at = (percent: number) => percentile(all, percent).toFixed(0)
      return [
        one.datastore,
        String(one.tookMs.length),
        String(one.tookMs[0]?.length ?? 0),
        ...[at(50), at(99), at(100)],
        Math.max(...one.acknowledgedMs).toFixed(0),
        String(all.filter((ms) => ms > MAX_MS).length),
      ]
    }),
  )
}
