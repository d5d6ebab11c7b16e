import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openExperimentationStore } from '../datastore/open.ts'
import type { ExperimentationStore } from '../datastore/port.ts'
import { askAnalyst, readAnew } from '../testing/analysis-answers.ts'
import { DAY, HOUR, NOON, sampleExposures, sampleIncoming, sampleInteraction } from '../testing/samples.ts'
import { startExperiment, startTestReplica } from '../testing/test-app.ts'

const CLI = fileURLToPath(new URL('../cli.ts', import.meta.url))
const asked = { cutoff: NOON + DAY, now: Date.now() }

let folder = ''
let store: ExperimentationStore
const running = new Set<ChildProcess>()
function url(): string {
  return `sqlite:${join(folder, 'log.db')}`
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-analyst-'))
  store = await openExperimentationStore(url())
  await startExperiment(await startTestReplica(store, NOON))
})
afterEach(async () => {
  await Promise.all([...running].map(kill))
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A process that analyses, as an operator starts it. */
function launch(file: string): ChildProcess {
  const child = spawn(process.execPath, [CLI, 'analyst'], {
    env: {
      ...{ NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, DATASTORE_URL: url() },
      ...{ ANALYSIS_FILE: join(folder, file), ANALYSIS_LEASE_MS: '1000', ANALYST_PORT: '0' },
      ...{ POSITION_INTERVAL_MS: '10', COUNT_DELAY_MS: '0', LOG_LEVEL: 'fatal' },
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  running.add(child)
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  running.delete(child)
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

let batches = 0
async function ingest(count: number): Promise<void> {
  batches += 1
  const exposures = sampleExposures(`b${batches}`, 0, count)
  const plays = exposures.map((_, index) => {
    const eventId = `play-${batches}-${index}`
    const at = new Date(NOON + index).toISOString()
    const play = sampleInteraction({ eventId, unit: `b${batches}-${index}`, value: index, occurredAt: at })
    return sampleIncoming(play, NOON + HOUR)
  })
  await store.ingest(exposures.map((item) => ({ ...item, recordedAt: NOON + HOUR })))
  await store.ingest(plays)
}

async function expectRight(): Promise<void> {
  const analysis = await askAnalyst(store, { ...asked, cutoff: NOON + DAY })
  const anew = await readAnew(url(), asked, analysis.asOf)
  expect(analysis.id).toBe(anew.id)
  expect(analysis.content.units).toBe(anew.content.units)
}

/** The same moments in each run of the test. */
function createMoments(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
}

test('a reading process that is killed at any moment, and a file that is cut or gone, give no wrong answer', async () => {
  const next = createMoments(7)
  for (let round = 0; round < 5; round += 1) {
    const child = launch('analysis.duckdb')
    const asking = expectRight()
    const waiting = asking.catch(() => undefined)
    for (let batch = 0; batch < 4; batch += 1) {
      await ingest(50 + Math.floor(next() * 200))
      await sleep(next() * 300)
    }
    if (round % 2 === 0) await Promise.race([waiting, sleep(next() * 1_500)])
    else await asking
    await kill(child)
    const path = join(folder, 'analysis.duckdb')
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
    if (round === 2) rmSync(path, { force: true })
    if (round === 3 && size > 0) truncateSync(path, Math.floor(size * next()))
    const restarted = launch('analysis.duckdb')
    // What was asked of the one that is gone is answered by the next.
    await asking
    await expectRight()
    await kill(restarted)
  }
}, 180_000)

test('a reading process that is killed in the middle of what it reads has read each event once', async () => {
  const next = createMoments(11)
  for (let batch = 0; batch < 20; batch += 1) await ingest(500)
  for (let round = 0; round < 3; round += 1) {
    const path = join(folder, `${round}.duckdb`)
    const child = launch(`${round}.duckdb`)
    // Its first page is being written.
    await vi.waitFor(() => expect(statSync(`${path}.wal`).size).toBeGreaterThan(20_000), {
      timeout: 20_000,
      interval: 2,
    })
    await sleep(next() * 100)
    await kill(child)
    const restarted = launch(`${round}.duckdb`)
    await expectRight()
    await kill(restarted)
    // The next one computes it itself, and is not answered by what is stored.
    await ingest(1)
  }
}, 180_000)

test('two processes that take the lease from each other, with files of their own or one, give no wrong answer', async () => {
  for (const files of [
    ['one.duckdb', 'two.duckdb'],
    ['one.duckdb', 'one.duckdb'],
  ]) {
    const children = files.map(launch)
    await ingest(200)
    await expectRight()
    for (let turn = 0; turn < 4; turn += 1) {
      const [frozen] = children.splice(0, 1)
      if (frozen === undefined) throw new Error('there are two')
      children.push(frozen)
      // Longer than the lease: when it wakes up, it believes for a moment that it holds it.
      await ingest(100)
      frozen.kill('SIGSTOP')
      await sleep(1_300)
      frozen.kill('SIGCONT')
      await expectRight()
    }
    await Promise.all(children.map(kill))
  }
}, 180_000)

test('the analyst counts and follows, and ends by itself when it is asked to', async () => {
  const child = launch('analysis.duckdb')
  await ingest(100)
  await vi.waitFor(
    async () => {
      const lease = await store.lease()
      expect(lease?.progress.through).toBe(200)
      expect((await store.countedThrough()).position).toBe(200)
    },
    { timeout: 20_000, interval: 50 },
  )
  const [count] = (await store.exposureCounts(['mix'], [])).get('mix') ?? []
  expect(count).toMatchObject({ units: 100, exposures: 100 })
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
  running.delete(child)
  expect(await store.lease()).toMatchObject({ holder: null, progress: { through: 200 } })
}, 60_000)
