import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMetrics } from '@bulkhead/service/metrics'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { openExperimentationStore } from '../datastore/open.ts'
import type { ExperimentationStore } from '../datastore/port.ts'
import { openReadModel } from '../read-model/duckdb-read-model.ts'
import { askAnalyst, readAnew } from '../testing/analysis-answers.ts'
import { DAY, HOUR, NOON, sampleErasure, sampleExposures, sampleIncoming } from '../testing/samples.ts'
import { config as appConfig, silentLog, startExperiment, startTestReplica } from '../testing/test-app.ts'
import { createStoreErasing } from '../testing/unit-erasing.ts'
import { type Analyst, startAnalyst } from './start-analyst.ts'

let folder = ''
let store: ExperimentationStore
let ids = 0
const analysts: Analyst[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-analyst-'))
  store = await openStore()
  await startExperiment(await startTestReplica(store, NOON))
})
afterEach(async () => {
  await Promise.all(analysts.splice(0).map((analyst) => analyst.stop()))
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

function url(): string {
  return `sqlite:${join(folder, 'log.db')}`
}

function openStore(): Promise<ExperimentationStore> {
  return openExperimentationStore(url())
}

const NOW = NOON + 5 * DAY
const clock = { now: () => NOW }

function start(
  options: { readonly file?: string; readonly leaseMs?: number; readonly store?: ExperimentationStore } = {},
): Analyst {
  ids += 1
  const path = join(folder, options.file ?? 'analysis.duckdb')
  const analyst = startAnalyst({
    config: {
      ...{ countDelayMs: 0, eventMaxAgeMs: appConfig.eventMaxAgeMs, positionIntervalMs: 10 },
      ...{ leaseMs: options.leaseMs ?? 200, schedule: false, webhookKeys: [], webhookUrls: [] },
    },
    store: options.store ?? store,
    openModel: (log) => openReadModel(path, { log }),
    holder: `analyst-${ids}`,
    monotonic: () => performance.now(),
    random: { next: () => 0.5 },
    log: silentLog,
    metrics: createMetrics({ service: 'experimentation' }),
    clock,
  })
  analysts.push(analyst)
  return analyst
}

async function ingest(writer: string, count: number): Promise<void> {
  const events = sampleExposures(writer, 0, count).map((item) => ({ ...item, recordedAt: NOON + HOUR }))
  await store.ingest(events)
}

function ask(): ReturnType<typeof askAnalyst> {
  return askAnalyst(store, { cutoff: NOON + DAY, now: NOW })
}

async function expected(): Promise<string> {
  const asOf = await store.head()
  return (await readAnew(url(), { cutoff: NOON + DAY, now: NOW }, asOf)).id
}

test('what is asked for is computed on the kept read model, as a reading of the whole log gives it', async () => {
  await ingest('u', 30)
  const analyst = start()
  const first = await ask()
  expect(first).toMatchObject({ asOf: 30, requestedBy: 'ana', content: { units: 30 } })
  expect(first.id).toBe(await expected())
  await ingest('v', 20)
  const second = await ask()
  expect(second).toMatchObject({ asOf: 50, content: { units: 50 } })
  expect(second.id).toBe(await expected())
  await analyst.stop()
  // Goes on from the file.
  await ingest('w', 5)
  start()
  expect((await ask()).id).toBe(await expected())
})

test('counts and the read model agree, also after an erasure', async () => {
  await ingest('u', 40)
  start()
  const counted = async (asOf: number) => {
    await vi.waitFor(async () => expect((await store.countedThrough()).position).toBe(asOf), 10_000)
    const counts = await store.exposureCounts(['mix'], [])
    return (counts.get('mix') ?? []).map(({ units, exposures }) => ({ units, exposures }))
  }
  expect(await counted(40)).toEqual([{ units: 40, exposures: 40 }])
  expect((await ask()).content.units).toBe(40)
  const erasure = { ...sampleErasure({ unit: 'u-3' }), occurredAt: new Date(NOON + DAY).toISOString() }
  await store.ingest([sampleIncoming(erasure, NOW)])
  const erasing = createStoreErasing(store)
  while ((await erasing.step()).more);
  // Sums of counters name nobody and stay; analyses lose the unit.
  expect(await counted(40)).toEqual([{ units: 40, exposures: 40 }])
  expect((await ask()).content.units).toBe(39)
  expect((await ask()).id).toBe(await expected())
}, 40_000)

test('another one takes over from one that is silent, with a file of its own, and gives the same answer', async () => {
  await ingest('u', 30)
  const other = await openStore()
  onTestFinished(() => other.close())
  const thawed = Promise.withResolvers<void>()
  let isFrozen = false
  function frozenCall<A extends readonly unknown[], R>(call: (...args: A) => Promise<R>) {
    return async (...args: A): Promise<R> => {
      if (isFrozen) await thawed.promise
      return call(...args)
    }
  }
  const frozen: ExperimentationStore = {
    ...store,
    replaceLease: frozenCall(store.replaceLease),
    settleAnalysisRequest: frozenCall(store.settleAnalysisRequest),
    waitingAnalysisRequests: frozenCall(store.waitingAnalysisRequests),
  }
  const first = start({ store: frozen, file: 'first.duckdb' })
  const { id } = await ask()
  const second = start({ store: other, file: 'second.duckdb' })
  await vi.waitFor(() => expect(first.isHolder()).toBe(true))
  expect(second.isHolder()).toBe(false)
  isFrozen = true
  expect((await ask()).id).toBe(id)
  expect(second.isHolder()).toBe(true)
  const before = await store.lease()
  thawed.resolve()
  isFrozen = false
  await vi.waitFor(() => expect(first.isHolder()).toBe(false))
  await vi.waitFor(async () => expect((await store.lease())?.beat).toBeGreaterThan((before?.beat ?? 0) + 2))
  expect((await store.lease())?.holder).toBe(before?.holder)
})

test('what is under way when the lease is lost is given up, since another process does it', async () => {
  await ingest('u', 30)
  let isReadable = false
  let isTaken = false
  start({
    leaseMs: 100,
    store: {
      ...store,
      eventsBetween: (query) =>
        isReadable ? store.eventsBetween(query) : Promise.reject(new Error('out of reach')),
      async waitingAnalysisRequests(limit) {
        const waiting = await store.waitingAnalysisRequests(limit)
        isTaken ||= waiting.length > 0
        return waiting
      },
    },
  })
  const request = { experimentKey: 'mix', cutoff: NOON + 2 * DAY, requestedBy: 'ana', requestedAt: NOW }
  await store.addAnalysisRequest({ id: 'asked', ...request })
  await vi.waitFor(() => expect(isTaken).toBe(true), 10_000)
  async function take(holder: string | null): Promise<boolean> {
    const lease = await store.lease()
    const progress = { through: 0, caughtUpAt: 0 }
    return store.replaceLease({
      expectedBeat: lease?.beat ?? null,
      lease: { holder, beat: (lease?.beat ?? 0) + 1, progress },
    })
  }
  await vi.waitFor(async () => expect(await take('another')).toBe(true), 10_000)
  await store.settleAnalysisRequest('asked', { type: 'refused', refusal: { type: 'unknown-experiment' } })
  for (let beat = 0; beat < 20; beat += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    await take('another')
  }
  isReadable = true
  await take(null)
  // Whoever asks now is answered, and nobody else.
  await ask()
  const pages = await store.analysisPages({ experimentKeys: ['mix'], limit: 5, after: null })
  expect(pages.get('mix')?.analyses).toHaveLength(1)
})
