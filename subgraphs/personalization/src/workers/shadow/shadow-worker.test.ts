import { hash } from 'node:crypto'
import { getPriority } from 'node:os'
import { systemRandom } from '@bulkhead/service/random'
import { captureLog } from '@bulkhead/service/testing/captured-log'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openPersonalizationStore } from '../../datastore/open.ts'
import type { PersonalizationStore } from '../../datastore/port.ts'
import { encodeFactors } from '../../domain/artefact/factors.ts'
import { encodeItemNeighbours } from '../../domain/artefact/item-neighbours.ts'
import { decodeModel, type RecommendationModel } from '../../domain/recommendation-model.ts'
import { type ShadowReport, shadowReportOf } from '../../domain/shadow/shadow-report.ts'
import { shadowReports } from '../../services/shadow-reports.ts'
import { createShadowSamples } from '../../state/shadow-samples.ts'
import { sampleCatalogue, sampleItemIds, sampleItems } from '../../testing/samples/catalogue.ts'
import { samplePlays } from '../../testing/samples/interactions.ts'
import { sampleLoadedModel, sampleModelVersion, sampleRankingModel } from '../../testing/samples/models.ts'
import { sampleQuery } from '../../testing/samples/serving.ts'
import { serveModel } from '../../testing/serving-model.ts'
import { createTestMetrics } from '../../testing/test-metrics.ts'
import { createModelReader } from '../model-reading/model-reader.ts'
import { createShadowRunner } from './shadow-runner.ts'
import { createShadowWorker, MAX_SHADOW_VERSIONS } from './shadow-worker.ts'

const NASTY = new URL('../../testing/nasty-shadow-main.ts', import.meta.url)
/** The thread has the lowest priority, and other tests run beside this one. */
const PATIENT_MS = 10_000
/** Threads of the lowest priority get a few percent of a busy machine. */
const STARVED_MS = 120_000
vi.setConfig({ testTimeout: 2 * STARVED_MS })
const IDS = sampleItemIds(60)
const CHAMPION = sampleLoadedModel(sampleRankingModel(IDS), 'champion-v1')
const CATALOGUE = sampleCatalogue(sampleItems(60), IDS)

let store: PersonalizationStore
let stop: () => Promise<void> = () => Promise.resolve()
let champion = CHAMPION

beforeEach(async () => {
  champion = CHAMPION
  store = await openPersonalizationStore('sqlite::memory:')
})
afterEach(async () => {
  await stop()
  await store.close()
})

async function save(id: string, artefact: Uint8Array | string, stage = 'SHADOW' as const): Promise<void> {
  const bytes = Buffer.from(artefact)
  const createdAt = Number(id.split('-v')[1])
  const version = sampleModelVersion(id, { stage, createdAt, artefactHash: hash('sha256', bytes, 'hex') })
  await store.saveModelVersion(version, bytes)
}

function start(
  options: {
    readonly nasty?: boolean
    readonly deadlineMs?: number
    readonly over?: Partial<PersonalizationStore>
  } = {},
) {
  const samples = createShadowSamples({ rate: 1, models: { production: () => champion } })
  const metrics = createTestMetrics()
  const captured = captureLog()
  const worker = createShadowWorker({
    store: { ...store, ...options.over },
    samples,
    intervalMs: 10,
    clock: { now: () => Date.now() },
    random: { ...systemRandom, next: () => 0.001 },
    log: captured.log,
    metrics,
    runner:
      options.nasty === false
        ? {}
        : { main: NASTY, heapMb: 64, minRestMs: 100, deadlineMs: options.deadlineMs ?? PATIENT_MS },
  })
  worker.start()
  let stopped: Promise<void> | null = null
  stop = () => {
    stopped ??= worker.stop()
    return stopped
  }

  function serve(likes: readonly string[] = ['u1']): void {
    const history = samplePlays(...likes)
    const query = sampleQuery({ model: champion, catalogue: CATALOGUE, history })
    const ofModel = IDS.map((itemId, at) => ({ itemId, score: 1 - at / 100, creator: null, becauseOf: null }))
    samples.offer({ query, ofModel })
  }

  async function metric(name: string) {
    return (await metrics.registry.getSingleMetric(name)?.get())?.values ?? []
  }

  return { worker, samples, serve, metric, lines: captured.lines }
}

async function reportOf(id: string): Promise<ShadowReport | null> {
  return shadowReportOf(
    (await store.shadowOf([id])).map(({ counts }) => counts),
    CHAMPION.version.id,
  )
}

/** Serves now and then until so many requests are in the report. */
async function shadowUntil(id: string, requests: number, serve: () => void): Promise<ShadowReport> {
  return vi.waitFor(
    async () => {
      serve()
      const report = await reportOf(id)
      if (report === null || report.requests < requests) throw new Error(`${report?.requests ?? 0} requests`)
      return report
    },
    { timeout: STARVED_MS, interval: 50 },
  )
}

test('a model in shadow is asked what the champion was asked, and the report says how the lists compare', async () => {
  await save('shadow-v1', `ranks ${IDS.slice(0, 5).join(' ')} x1 x2 ${IDS.slice(5, 30).join(' ')}`)
  const { serve, worker, metric } = start()
  await worker.wake()
  const report = await shadowUntil('shadow-v1', 3, serve)
  // The items x1 and x2 are not in the catalogue, so the filters leave them out.
  expect(report).toMatchObject({
    failures: 0,
    overlapAt10: 1,
    popularityShift: 0,
    coverage: expect.closeTo(10 / 60, 2),
  })
  expect(report.rankBiasedOverlap).toBeGreaterThan(0.95)
  expect(report.latencyP99Ms).toBeGreaterThan(0)
  expect(await metric('bulkhead_shadow_versions')).toMatchObject([{ value: 1 }])
  expect(await metric('bulkhead_shadow_requests_total')).toMatchObject([{ labels: { outcome: 'compared' } }])
})

test('each report is of one champion: with another one it begins anew', async () => {
  await save('shadow-v1', `ranks ${IDS.join(' ')}`)
  const { serve, worker } = start()
  await worker.wake()
  await shadowUntil('shadow-v1', 3, serve)
  champion = sampleLoadedModel(sampleRankingModel(IDS), 'champion-v2')
  const championIds = async () => (await store.shadowOf(['shadow-v1'])).map(({ championId }) => championId)
  await vi.waitFor(
    async () => {
      serve()
      expect((await championIds()).toSorted()).toEqual(['champion-v1', 'champion-v2'])
    },
    { timeout: STARVED_MS, interval: 50 },
  )
  await serveModel(store, { id: 'shadow-v1' })
  const [report] = await shadowReports({ ...store, productionModelVersion: async () => champion.version }, [
    'shadow-v1',
  ])
  const [before] = await shadowReports({ ...store, productionModelVersion: async () => CHAMPION.version }, [
    'shadow-v1',
  ])
  expect([report?.championId, before?.championId]).toEqual(['champion-v2', 'champion-v1'])
  expect(before?.requests).toBeGreaterThanOrEqual(3)
  const [other] = await shadowReports({ ...store, productionModelVersion: async () => null }, ['shadow-v1'])
  expect(other?.requests).toBe(Math.max(report?.requests ?? 0, before?.requests ?? 0))
})

test('a real artefact is read on the thread, and what the last seconds brought is stored at the end', async () => {
  const artefact = encodeItemNeighbours(
    { algorithm: 'by hand', parameters: {}, trainingFingerprint: 'none' },
    {
      itemIds: ['u1', 'i1', 'i2'],
      starts: Uint32Array.from([0, 2, 2, 2]),
      neighbours: Int32Array.from([1, 2]),
      similarities: Float32Array.from([0.9, 0.5]),
    },
  )
  await save('shadow-v1', artefact)
  const { serve, worker, metric } = start({ nasty: false })
  await worker.wake()
  serve()
  await vi.waitFor(
    async () => expect(await metric('bulkhead_shadow_requests_total')).toHaveLength(1),
    STARVED_MS,
  )
  await stop()
  expect(await reportOf('shadow-v1')).toMatchObject({ requests: 1, failures: 0, overlapAt10: 0.2 })
})

describe('a model in shadow that', () => {
  test('throws fails its requests, and only those', async () => {
    await save('shadow-v1', 'throws')
    const { serve, worker, lines } = start()
    await worker.wake()
    const report = await shadowUntil('shadow-v1', 3, serve)
    expect(report.failuresByKind).toEqual({ threw: report.requests, timedOut: 0, crashed: 0, empty: 0 })
    expect(lines.filter(({ msg }) => String(msg).includes('a model in shadow failing'))).toHaveLength(1)
  })

  test('hangs has its thread ended at the deadline, and is tried again', async () => {
    await save('shadow-v1', 'hangs')
    const { serve, worker } = start({ deadlineMs: 100 })
    await worker.wake()
    const report = await shadowUntil('shadow-v1', 2, serve)
    expect(report.failuresByKind).toEqual({ threw: 0, timedOut: report.requests, crashed: 0, empty: 0 })
    expect(Math.abs(report.latencyP50Ms - 100)).toBeLessThan(10)
  })

  test('gets its CPU time late, because the machine is busy, has not failed', async () => {
    await save('shadow-v1', `gets-no-cpu ${IDS.join(' ')}`)
    const { serve, worker } = start({ deadlineMs: 200 })
    await worker.wake()
    expect(await shadowUntil('shadow-v1', 2, serve)).toMatchObject({ failures: 0, overlapAt10: 1 })
  })

  test('gets no CPU time at all is given up, which is no failure of the model', async () => {
    await save('shadow-v1', 'gets-no-cpu')
    const { serve, worker, metric } = start({ deadlineMs: 50 })
    await worker.wake()
    serve()
    const starved = [{ labels: { outcome: 'starved' } }]
    const asked = async () => expect(await metric('bulkhead_shadow_requests_total')).toMatchObject(starved)
    await vi.waitFor(asked, { timeout: STARVED_MS, interval: 50 })
    await stop()
    expect(await reportOf('shadow-v1')).toBeNull()
  })

  test('hangs for one user only answers for the others', async () => {
    await save('shadow-v1', `hangs-for-u2 ${IDS.join(' ')}`)
    const { serve, worker } = start({ deadlineMs: 100 })
    await worker.wake()
    serve(['u2'])
    const report = await shadowUntil('shadow-v1', 3, () => serve(['u1']))
    expect(report.failuresByKind).toEqual({ threw: 0, timedOut: 1, crashed: 0, empty: 0 })
    expect(report.requests - report.failures).toBeGreaterThanOrEqual(2)
  })

  test('needs too much memory has its thread ended, and the process goes on', async () => {
    await save('shadow-v1', 'hoards')
    const { serve, worker } = start()
    await worker.wake()
    const report = await shadowUntil('shadow-v1', 1, serve)
    expect(report.failuresByKind.crashed + report.failuresByKind.timedOut).toBe(report.requests)
  })

  test('knows nothing for anybody has failed too', async () => {
    await save('shadow-v1', 'ranks')
    const { serve, worker } = start()
    await worker.wake()
    expect((await shadowUntil('shadow-v1', 1, serve)).failuresByKind.empty).toBeGreaterThan(0)
  })

  test('cannot be read is said once, and is not tried again', async () => {
    await save('shadow-v1', 'unreadable')
    let reads = 0
    const modelArtefact = (id: string) => {
      reads++
      return store.modelArtefact(id)
    }
    const { serve, worker, lines } = start({ over: { modelArtefact } })
    await worker.wake()
    for (let run = 0; run < 5; run++) {
      serve()
      await worker.wake()
    }
    await vi.waitFor(() => expect(lines.map(({ problem }) => problem)).toContain('it is no model'))
    expect(reads).toBe(1)
    await stop()
    expect(await reportOf('shadow-v1')).toBeNull()
  })

  test('eats CPU gets a fiftieth of a core', async () => {
    await save('shadow-v1', `eats ${IDS.join(' ')}`)
    const { serve, worker, metric } = start()
    await worker.wake()
    for (let sample = 0; sample < 20; sample++) serve()
    const numberOf = async (name: string) => (await metric(name))[0]?.value ?? 0
    /** CPU time of the thread and time on the clock, seconds, once so many lists were compared. */
    async function after(lists: number) {
      const enough = async () =>
        expect(await numberOf('bulkhead_shadow_requests_total')).toBeGreaterThanOrEqual(lists)
      await vi.waitFor(enough, { timeout: STARVED_MS, interval: 10 })
      return { busy: await numberOf('bulkhead_shadow_busy_seconds_total'), at: performance.now() / 1000 }
    }
    const [first, second, last] = [await after(1), await after(2), await after(3)]
    expect(last.busy - first.busy).toBeGreaterThan(0.08)
    // The pause after the last list is still to come, however long that list took.
    expect(second.busy - first.busy).toBeLessThan(0.02 * (last.at - first.at) + 0.01)
  })
})

test('only the newest versions are shadowed, and one that leaves the stage is not asked any more', async () => {
  for (const number of [1, 2, 3]) await save(`shadow-v${number}`, `ranks ${IDS.join(' ')}`)
  const { serve, worker, samples, metric } = start()
  await worker.wake()
  await shadowUntil('shadow-v3', 1, serve)
  await shadowUntil('shadow-v2', 1, serve)
  expect(await reportOf('shadow-v1')).toBeNull()
  expect(await metric('bulkhead_shadow_versions')).toMatchObject([{ value: MAX_SHADOW_VERSIONS }])
  for (const number of [1, 2, 3]) {
    await serveModel(store, { id: `shadow-v${number}` })
  }
  await worker.wake()
  expect(await metric('bulkhead_shadow_versions')).toMatchObject([{ value: 0 }])
  serve()
  expect(samples.take()).toBeNull()
})

test('a datastore that is away loses no counts, and a part that was stored twice counts once', async () => {
  await save('shadow-v1', `ranks ${IDS.join(' ')}`)
  let failing = true
  const addShadow: PersonalizationStore['addShadow'] = async (id, part) => {
    await store.addShadow(id, part)
    // It was written, and nobody knows.
    if (failing) throw new Error('the datastore is away')
  }
  const { serve, worker, metric } = start({ over: { addShadow } })
  await worker.wake()
  await shadowUntil('shadow-v1', 2, serve)
  failing = false
  await stop()
  const compared = (await metric('bulkhead_shadow_requests_total'))[0]?.value
  expect(await reportOf('shadow-v1')).toMatchObject({ requests: compared })
})

test('stopping does not wait for a model that hangs', async () => {
  await save('shadow-v1', 'hangs')
  const loading = Promise.withResolvers<void>()
  const modelArtefact: PersonalizationStore['modelArtefact'] = async (id) => {
    loading.resolve()
    return store.modelArtefact(id)
  }
  const { serve, worker } = start({ over: { modelArtefact } })
  await worker.wake()
  serve()
  await loading.promise
  const begin = performance.now()
  await stop()
  expect(performance.now() - begin).toBeLessThan(PATIENT_MS / 2)
})

test('large factors are searched in groups, as in serving', async () => {
  const count = 10_000
  const dimensions = 48
  // Numbers without any structure, of which groups miss some.
  let state = 1
  const values = Float32Array.from({ length: count * dimensions }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32 - 0.5
  })
  const itemIds = Array.from({ length: count }, (_, place) => `i${place}`)
  const artefact = encodeFactors(
    { algorithm: 'by hand', parameters: {}, trainingFingerprint: 'none' },
    { itemIds, dimensions, values },
    { unobservedWeight: 0.1, regularization: 0.01, frequencyExponent: 1 },
  )
  await save('shadow-v1', artefact)
  const [version = expect.unreachable()] = await store.modelVersionsByIds(['shadow-v1'])
  const reader = createModelReader()
  const serving = await reader.read(Uint8Array.from(artefact), version.artefactHash)
  await reader.close()
  if (typeof serving === 'string') throw new Error(serving)
  const { likes } = samplePlays('i1', 'i2', 'i3')
  const listed = (model: RecommendationModel) => model.recommend(likes, 200).map(({ itemId }) => itemId)
  expect(listed(serving)).not.toEqual(listed(decodeModel(artefact)))
  const clock = { now: () => Date.now() }
  const runner = createShadowRunner({
    version,
    store,
    clock,
    random: systemRandom,
    broken: expect.unreachable,
  })
  const answer = await runner.ask(likes, 200, AbortSignal.timeout(60_000))
  await runner.end()
  if (answer.type !== 'list') throw new Error(answer.type)
  expect(answer.candidates.map(({ itemId }) => itemId)).toEqual(listed(serving))
})

test.runIf(process.platform === 'linux')(
  'the thread gives way to all others, and the process does not',
  async () => {
    const before = getPriority()
    await save('shadow-v1', 'tells-priority')
    const [version] = await store.modelVersionsByIds(['shadow-v1'])
    const runner = createShadowRunner({
      version: version ?? expect.unreachable(),
      store,
      clock: { now: () => Date.now() },
      random: systemRandom,
      broken: () => undefined,
      main: NASTY,
      deadlineMs: PATIENT_MS,
    })
    const answer = await runner.ask([], 1, AbortSignal.timeout(PATIENT_MS))
    await runner.end()
    expect(answer).toMatchObject({ type: 'list', candidates: [{ itemId: 'priority-19' }] })
    expect(getPriority()).toBe(before)
  },
)

test('a model whose thread had to be ended is not asked again for a quarter of an hour', async () => {
  await save('shadow-v1', 'hangs')
  const [version = expect.unreachable()] = await store.modelVersionsByIds(['shadow-v1'])
  let now = 0
  const runner = createShadowRunner({
    version,
    store,
    clock: { now: () => now },
    random: { next: () => 0.001 },
    broken: expect.unreachable,
    main: NASTY,
    deadlineMs: 100,
  })
  const ask = () => runner.ask([], 1, AbortSignal.timeout(STARVED_MS))
  expect(await ask()).toMatchObject({ type: 'failed', failure: 'timedOut' })
  now = 899_000
  expect(await ask()).toEqual({ type: 'resting' })
  now = 901_000
  expect(await ask()).toMatchObject({ type: 'failed', failure: 'timedOut' })
  await runner.end()
})
