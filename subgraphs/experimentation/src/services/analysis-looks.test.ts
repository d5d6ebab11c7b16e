import { expect, onTestFinished, test } from 'vitest'
import type { ExperimentationStore, IncomingEvent } from '../datastore/port.ts'
import { EMPTY_PLAN } from '../domain/plan/analysis-plan.ts'
import { openReadModel } from '../read-model/duckdb-read-model.ts'
import { createFollower } from '../read-model/follow.ts'
import { referenceSums } from '../read-model/testing/reference.ts'
import { storeEvents } from '../testing/analysed-experiment.ts'
import {
  DAY,
  HOUR,
  MONDAY,
  sampleExposure,
  sampleHeartbeat,
  sampleIncoming,
  sampleInteraction,
  sampleSlateId,
} from '../testing/samples.ts'
import { fixedClock, openTestStore, startExperiment, startTestReplica } from '../testing/test-app.ts'
import { createAnalysisService } from './analysis-service.ts'

const UNITS_A_DAY = 60
const DAYS = 6
const PLAN = {
  ...EMPTY_PLAN,
  method: 'GROUP_SEQUENTIAL',
  spending: 'POCOCK',
  looks: 3,
  plannedSampleSize: 240,
  segments: ['country', 'age'],
} as const

function at(instant: number): string {
  return new Date(instant).toISOString()
}

/** Units of one day, one every ten minutes, whose treatment plays one more. */
function eventsOf(day: number): IncomingEvent[] {
  return Array.from({ length: UNITS_A_DAY }, (_, index) => index).flatMap((index) => {
    const number = day * UNITS_A_DAY + index
    const unit = `u${number}`
    const variantKey = index % 2 === 0 ? 'control' : 'treatment'
    const time = MONDAY + day * DAY + index * 600_000 + 1
    const attributes = index % 3 === 0 ? null : { country: index % 3 === 1 ? 'de' : 'fr' }
    const slateId = sampleSlateId(number, unit)
    const exposure = sampleExposure({ unit, variantKey, slateId, attributes, occurredAt: at(time) })
    const value = 1 + (number % 7) + (variantKey === 'treatment' ? 1 : 0)
    const play = (eventId: string, hours: number, amount: number) =>
      sampleInteraction({ eventId, type: 'PLAY', unit, value: amount, occurredAt: at(time + hours * HOUR) })
    return [
      sampleIncoming(play(`before-${unit}`, -30, value - 0.5), time),
      sampleIncoming(exposure, time),
      sampleIncoming(play(`after-${unit}`, 2, value), time + 2 * HOUR),
    ]
  })
}

async function prepared(plan: Partial<typeof EMPTY_PLAN> = PLAN): Promise<ExperimentationStore> {
  const store = await openTestStore()
  onTestFinished(() => store.close())
  const replica = await startTestReplica(store, MONDAY)
  const metric = { key: 'plays', name: 'Plays', kind: 'MEAN', event: 'PLAY', lowerIsBetter: false } as const
  await replica.definitions.define({ ...metric, windowHours: 48 }, 'ana')
  await replica.definitions.define({ ...metric, key: 'soon', windowHours: 3 }, 'ana')
  await startExperiment(replica, {
    metrics: [
      { metricKey: 'plays', role: 'SUCCESS' },
      { metricKey: 'soon', role: 'GUARDRAIL', margin: 0.5 },
    ],
    plan: { ...EMPTY_PLAN, ...PLAN, ...plan },
  })
  for (let day = 0; day < DAYS; day++) await storeEvents(store, eventsOf(day))
  return store
}

async function analysisOf(store: ExperimentationStore, cutoff: number, asOf?: number) {
  const model = await openReadModel(':memory:')
  onTestFinished(() => model.close())
  const follower = createFollower({ store, model, limit: 5_000 })
  while (await follower.step());
  const service = createAnalysisService({ store, sums: model.sums, clock: fixedClock(MONDAY + 60 * DAY) })
  const result = await service.analyse({ experimentKey: 'mix', cutoff, asOf: asOf ?? (await store.head()) })
  if (result.type !== 'analysed') throw new Error(result.type)
  return result.analysis
}

test('a look is when the units are complete, whoever asks when, and one cutoff finds the looks of another', async () => {
  const store = await prepared()
  // Units of a day take ten hours to come, and are complete two days later: 60 more on each morning from Thursday on.
  const all = await analysisOf(store, MONDAY + 20 * DAY)
  expect(all.looks).toEqual([
    { cutoff: MONDAY + 4 * DAY, units: 120, fraction: 0.5 },
    { cutoff: MONDAY + 5 * DAY, units: 180, fraction: 0.75 },
    { cutoff: MONDAY + 6 * DAY, units: 240, fraction: 1 },
  ])
  for (const cutoff of [MONDAY + 4 * DAY, MONDAY + 5 * DAY - 1, MONDAY + 5 * DAY + HOUR]) {
    const then = await analysisOf(store, cutoff)
    const count = all.looks.filter((look) => look.cutoff <= cutoff).length
    expect(then.looks).toEqual(all.looks.slice(0, count))
    for (const [index, result] of then.results.entries()) {
      expect(result.looks).toEqual(all.results[index]?.looks.slice(0, count))
    }
  }
  const before = await analysisOf(store, MONDAY + 4 * DAY - 1)
  expect([before.looks, before.results, before.verdict.recommendation]).toEqual([[], [], 'CONTINUE'])
})

test('all metrics of a look are about the units that are complete for the longest window', async () => {
  const store = await prepared()
  const { results } = await analysisOf(store, MONDAY + 20 * DAY)
  for (const { metricKey, looks, units, controlUnits } of results) {
    expect([metricKey, looks.map((look) => look.units)]).toEqual([metricKey, [120, 180, 240]])
    expect(looks.map((look) => look.units)).toContain(units + controlUnits)
  }
})

test('what a look says is what the sums of its cutoff say, by a reference without SQL', async () => {
  const store = await prepared()
  const head = await store.head()
  const { results, looks, plan, metrics } = await analysisOf(store, MONDAY + 20 * DAY)
  const events = await store.eventsBetween({ after: 0, upTo: head, limit: 10_000 })
  const success = results.find(({ role }) => role === 'SUCCESS')
  for (const [index, { cutoff }] of looks.entries()) {
    const { metrics: sums } = referenceSums(events, {
      ...{ experimentKey: 'mix', version: 1, variantKeys: ['control', 'treatment'], excludedUnits: [] },
      ...{
        intervals: [{ from: MONDAY, to: null }],
        cutoff,
        asOf: head,
        covariateWindowMs: null,
        segment: null,
      },
      metrics: metrics.map(({ definition }) => definition),
      completeAfterMs: 48 * HOUR,
    })
    const mean = (variantKey: string) => {
      const own = sums.find(
        (row) => row.metricKey === 'plays' && row.variantKey === variantKey && row.complete,
      )
      return Number(own?.sum) / 1e6 / Number(own?.n)
    }
    expect(plan.scale).toBe('RELATIVE')
    expect(success?.looks[index]?.effect?.estimate).toBeCloseTo(mean('treatment') / mean('control') - 1, 12)
  }
})

test('what arrives late changes the looks of a later position, and not those as of before', async () => {
  const store = await prepared()
  const asOf = await store.head()
  const { hash, looks } = await analysisOf(store, MONDAY + 20 * DAY)
  // A unit meets a second variant after it was complete: it leaves later looks and stays in earlier ones.
  const second = {
    unit: 'u0',
    variantKey: 'treatment',
    slateId: 'again',
    occurredAt: at(MONDAY + 4 * DAY + 1),
  }
  await storeEvents(store, [sampleIncoming(sampleExposure(second), MONDAY + 4 * DAY + 2)])
  const later = await analysisOf(store, MONDAY + 20 * DAY)
  expect(later.looks.map(({ units }) => units)).toEqual([120, 179, 299])
  expect(later.looks.map(({ fraction }) => fraction)).toEqual([0.5, 179 / 240, 299 / 240])
  const replayed = await analysisOf(store, MONDAY + 20 * DAY, asOf)
  expect([replayed.hash, replayed.looks]).toEqual([hash, looks])
})

test('segments of the plan are analysed, each attribute by itself, and the statements are told once', async () => {
  const store = await prepared({ method: 'FIXED_HORIZON', spending: null, looks: null })
  const { segments, units, sql, results } = await analysisOf(store, MONDAY + 20 * DAY)
  expect(
    segments.map(({ attribute, values }) => [attribute, values.map(({ value, units: own }) => [value, own])]),
  ).toEqual([
    [
      'country',
      [
        ['de', 120],
        ['fr', 120],
        [null, 120],
      ],
    ],
    ['age', [[null, 360]]],
  ])
  expect(units).toBe(360)
  const [everyone] = segments[1]?.values ?? []
  const [plays] = results
  expect(everyone?.results[0]?.effect.estimate).toBeCloseTo(plays?.effect.estimate ?? 0, 12)
  const first = sql.findIndex((text) => text.startsWith('-- by country'))
  const second = sql.findIndex((text) => text.startsWith('-- by age'))
  const [all, byCountry, byAge] = [sql.slice(0, first), sql.slice(first + 1, second), sql.slice(second + 1)]
  expect(byCountry).toEqual(byAge)
  expect(byCountry).toEqual([expect.stringContaining('select attributes, count(*) as units')])
  expect(all).not.toContain(byCountry[0])
})

test('an analysis is final when every producer has delivered everything before its cutoff, as of its position', async () => {
  const store = await prepared()
  const cutoff = MONDAY + 6 * DAY
  expect((await analysisOf(store, cutoff)).final).toBe(false)
  const told = (sequence: number, through: number, producer = 'personalization-1') =>
    sampleIncoming(
      sampleHeartbeat({
        ...{ producer, sequence, served: [], eventId: `${producer}-${sequence}` },
        ...{ deliveredThrough: at(through), occurredAt: at(through + 1) },
      }),
      through + 2,
    )
  await storeEvents(store, [told(1, cutoff - 1)])
  const asOf = await store.head()
  const { final, hash } = await analysisOf(store, cutoff)
  expect(final).toBe(true)
  expect((await analysisOf(store, cutoff + 1)).final).toBe(false)
  await storeEvents(store, [told(1, cutoff - 2, 'personalization-2')])
  expect((await analysisOf(store, cutoff)).final).toBe(false)
  expect(await analysisOf(store, cutoff, asOf)).toMatchObject({ final: true, hash })
})

test('what producers have served and nobody has received makes an analysis invalid', async () => {
  const store = await prepared()
  const cutoff = MONDAY + 6 * DAY
  // Six exposures an hour from midnight on, of two variants.
  const told = (sequence: number, treatment: number) => {
    const hour = {
      hour: at(MONDAY),
      experimentKey: 'mix',
      experimentVersion: 1,
      surface: 'home',
      rung: 'MODEL',
    } as const
    const served = [
      { ...hour, variantKey: 'control', count: 3 },
      { ...hour, variantKey: 'treatment', count: treatment },
    ]
    const delivered = { deliveredThrough: at(cutoff), occurredAt: at(cutoff + sequence) }
    const event = sampleHeartbeat({ sequence, served, eventId: `heartbeat-told-${sequence}`, ...delivered })
    return sampleIncoming(event, cutoff + sequence)
  }
  const missing = async () => {
    const { health, verdict } = await analysisOf(store, cutoff)
    const check = health.find(({ kind }) => kind === 'MISSING_DATA')
    return { ...check, recommendation: verdict.recommendation }
  }
  await storeEvents(store, [told(1, 3)])
  expect(await missing()).toMatchObject({ passed: true, observed: [3, 3], expected: [3, 3] })
  await storeEvents(store, [told(2, 4)])
  expect(await missing()).toMatchObject({
    passed: false,
    observed: [3, 3],
    expected: [3, 4],
    recommendation: 'INVALID',
    detail: expect.stringContaining('1 of 4 exposures of treatment are missing'),
  })
})
