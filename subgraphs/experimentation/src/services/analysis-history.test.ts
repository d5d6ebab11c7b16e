import { createMetrics } from '@bulkhead/service/metrics'
import { expect, onTestFinished, test } from 'vitest'
import { EMPTY_PLAN } from '../domain/plan/analysis-plan.ts'
import { openReadModel } from '../read-model/duckdb-read-model.ts'
import { createFollower } from '../read-model/follow.ts'
import { storeEvents } from '../testing/analysed-experiment.ts'
import {
  DAY,
  HOUR,
  NOON,
  sampleExposure,
  sampleIncoming,
  sampleInteraction,
  sampleSlateId,
} from '../testing/samples.ts'
import { fixedClock, openTestStore, startExperiment, startTestReplica } from '../testing/test-app.ts'
import { createAnalysisService } from './analysis-service.ts'
import { createIngestService } from './ingest-service.ts'

const UNITS = 300
const SOURCE = { type: 'service', name: 'history' } as const

/** What a unit does, before the experiment and after it. */
function habit(number: number): number {
  return 1 + (number % 10)
}

function play(eventId: string, unit: string, value: number, time: number) {
  return sampleInteraction({
    eventId,
    type: 'PLAY',
    unit,
    value,
    slateId: null,
    occurredAt: new Date(time).toISOString(),
  })
}

async function setUp() {
  const store = await openTestStore()
  onTestFinished(() => store.close())
  const replica = await startTestReplica(store, NOON - HOUR)
  await replica.definitions.define(
    { key: 'plays', name: 'Plays', kind: 'MEAN', event: 'PLAY', windowHours: 24, lowerIsBetter: false },
    'ana',
  )
  await startExperiment(replica, {
    metrics: [{ metricKey: 'plays', role: 'SUCCESS' }],
    plan: { ...EMPTY_PLAN, cuped: true, plannedSampleSize: UNITS },
  })
  const ingest = createIngestService({
    ...{ store, clock: fixedClock(NOON), metrics: createMetrics({ service: 'experimentation' }) },
    ...{ window: { maxAgeMs: 30 * DAY, maxFutureMs: 300_000 }, services: new Set(['history']) },
  })
  async function plays() {
    const model = await openReadModel(':memory:')
    onTestFinished(() => model.close())
    const follower = createFollower({ store, model, limit: 5_000 })
    while (await follower.step());
    const service = createAnalysisService({ store, sums: model.sums, clock: fixedClock(NOON + 9 * DAY) })
    const asOf = await store.head()
    const result = await service.analyse({ experimentKey: 'mix', cutoff: NOON + 3 * DAY, asOf })
    if (result.type !== 'analysed') throw new Error(result.type)
    const found = result.analysis.results.find(({ role }) => role === 'SUCCESS')
    if (found === undefined) throw new Error('there is no result')
    return { success: found, health: result.analysis.health }
  }
  return { store, post: (events: unknown[]) => ingest.ingest({ producer: 'history', events }, SOURCE), plays }
}

async function storeExperiment(store: Awaited<ReturnType<typeof openTestStore>>): Promise<void> {
  const events = Array.from({ length: UNITS }, (_, number) => number).flatMap((number) => {
    const unit = `u${number}`
    const variantKey = number % 20 < 10 ? 'control' : 'treatment'
    const exposure = sampleExposure({ unit, variantKey, slateId: sampleSlateId(number, unit) })
    const value = habit(number) + (number % 3) / 10 + (variantKey === 'treatment' ? 0.2 : 0)
    return [
      sampleIncoming(exposure, NOON),
      sampleIncoming(play(`after-${unit}`, unit, value, NOON + HOUR), NOON + HOUR),
    ]
  })
  for (let from = 0; from < events.length; from += 500)
    await storeEvents(store, events.slice(from, from + 500))
}

test('history that is posted before an experiment becomes the covariate of its units', async () => {
  const { store, post, plays } = await setUp()
  await storeExperiment(store)
  const { success: without } = await plays()
  expect(without.significant).toBe(false)

  // As an import would send it: a service of its own, in batches, with times from before the start.
  const history = Array.from({ length: UNITS }, (_, number) =>
    play(`history-${number}`, `u${number}`, habit(number), NOON - 9 * DAY),
  )
  for (let from = 0; from < history.length; from += 100) {
    const answer = await post(history.slice(from, from + 100))
    expect(answer).toMatchObject({ accepted: 100, rejected: [] })
  }
  const { success, health } = await plays()
  expect(success).toMatchObject({ method: 'Welch, CUPED', significant: true })
  expect(success.variance).toBeLessThan(without.variance * 0.01)
  expect(success.absolute.estimate).toBeCloseTo(0.2, 1)
  const balance = health.find(({ kind }) => kind === 'PRE_EXPOSURE_BALANCE')
  expect(balance).toMatchObject({ passed: true, observed: [5.5, 5.5] })
})

test('history of 14 days before the first exposure counts, and ingest takes in 30 days', async () => {
  const { post } = await setUp()
  const answer = await post([
    play('history-in', 'u1', 5, NOON - 30 * DAY),
    play('history-out', 'u1', 5, NOON - 30 * DAY - 1),
  ])
  expect(answer).toMatchObject({
    accepted: 1,
    rejected: [{ index: 1, code: 'EVENT_TOO_OLD' }],
  })
})
