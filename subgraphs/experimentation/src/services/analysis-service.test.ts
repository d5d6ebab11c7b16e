import { createSlateId } from '@bulkhead/contracts'
import { describeOnMongo } from '@bulkhead/datastore/testing/describe-on-mongodb'
import { expect, onTestFinished, test } from 'vitest'
import { openExperimentationStore } from '../datastore/open.ts'
import type { ExperimentationStore, IncomingEvent } from '../datastore/port.ts'
import { positionAll } from '../datastore/testing/position-checks.ts'
import { EMPTY_PLAN } from '../domain/plan/analysis-plan.ts'
import { openReadModel } from '../read-model/duckdb-read-model.ts'
import { createFollower } from '../read-model/follow.ts'
import { DAY, NOON, sampleExposure, sampleIncoming, sampleInteraction } from '../testing/samples.ts'
import {
  approveExperiment,
  fixedClock,
  openTestStore,
  startExperiment,
  startTestReplica,
} from '../testing/test-app.ts'
import { type AnalysisRequest, createAnalysisService } from './analysis-service.ts'

const HOUR = 3_600_000
const UNITS = 400

const PLAN = {
  ...EMPTY_PLAN,
  plannedSampleSize: 300,
  exclusions: [{ savedGroup: 'robots', version: 1 }],
}

/** One running experiment whose treatment is played more, and a group of robots that has grown since. */
async function prepare(store: ExperimentationStore): Promise<void> {
  const replica = await startTestReplica(store)
  await replica.definitions.define(
    { key: 'plays', name: 'Plays', kind: 'MEAN', event: 'PLAY', windowHours: 24, lowerIsBetter: false },
    'ana',
  )
  for (const values of [['robot'], ['robot', 'u1', 'u2']]) {
    await replica.targeting.saveGroup({ key: 'robots', name: 'Robots', values }, 'ana')
  }
  await startExperiment(replica, {
    metrics: [
      { metricKey: 'plays', role: 'SUCCESS' },
      { metricKey: 'plays', role: 'GUARDRAIL', margin: 0.01 },
    ],
    plan: PLAN,
  })
}

function exposure(unit: string, variantKey: string, hours = 1, overrides = {}): IncomingEvent {
  const slateId = createSlateId({
    unit,
    now: NOON,
    random: new TextEncoder().encode(`${unit}${variantKey}`.padEnd(10)).slice(0, 10),
  })
  const occurredAt = new Date(NOON + hours * HOUR).toISOString()
  return sampleIncoming(
    sampleExposure({ unit, variantKey, slateId, occurredAt, ...overrides }),
    NOON + hours * HOUR,
  )
}

function play(unit: string, value: number, hours = 2): IncomingEvent {
  const occurredAt = new Date(NOON + hours * HOUR).toISOString()
  const event = sampleInteraction({ eventId: `play-${unit}-${hours}`, type: 'PLAY', unit, value, occurredAt })
  return sampleIncoming(event, NOON + hours * HOUR)
}

function events(): IncomingEvent[] {
  const units = Array.from({ length: UNITS }, (_, index) => index)
  return [
    ...units.flatMap((index) => {
      const variant = index % 2 === 0 ? 'control' : 'treatment'
      const value = 1 + (index % 7) + (variant === 'treatment' ? 2 : 0)
      return [exposure(`u${index}`, variant), play(`u${index}`, value)]
    }),
    exposure('robot', 'control'),
    play('robot', 1_000_000),
    exposure('forced', 'treatment', 1, { forced: true }),
    play('forced', 1_000_000),
    // Before the start, and in the middle of its window at the cutoff.
    exposure('early', 'control', -1),
    exposure('late', 'treatment', 60),
    // The second exposure changes nothing.
    exposure('u1', 'treatment', 30, { slateId: 'again' }),
  ]
}

async function storeAll(store: ExperimentationStore, all: readonly IncomingEvent[]): Promise<number> {
  for (let from = 0; from < all.length; from += 100) await store.ingest(all.slice(from, from + 100))
  await positionAll(store)
  return store.head()
}

async function analysisOf(store: ExperimentationStore, request: Partial<AnalysisRequest> = {}) {
  const model = await openReadModel(':memory:')
  onTestFinished(() => model.close())
  const head = await store.head()
  const follower = createFollower({ store, model, limit: 100 })
  while (await follower.step());
  const service = createAnalysisService({ store, sums: model.sums, clock: fixedClock(NOON + 3 * DAY) })
  const result = await service.analyse({
    experimentKey: 'mix',
    cutoff: NOON + 3 * DAY,
    asOf: head,
    ...request,
  })
  if (result.type !== 'analysed') throw new Error(result.type)
  return result.analysis
}

async function prepared(store: ExperimentationStore): Promise<number> {
  onTestFinished(() => store.close())
  await prepare(store)
  return storeAll(store, events())
}

test('an experiment is analysed by its plan: forced and listed units are out wholly, later groups change nothing', async () => {
  const store = await openTestStore()
  await prepared(store)
  const analysis = await analysisOf(store)
  expect(analysis).toMatchObject({ units: UNITS + 1, complete: true, experimentVersion: 1, missing: [] })
  const [success] = analysis.results
  expect(success).toMatchObject({
    role: 'SUCCESS',
    variantKey: 'treatment',
    controlUnits: 200,
    units: 200,
    significant: true,
  })
  expect(success?.absolute.estimate).toBeCloseTo(2, 0)
  expect(analysis.verdict).toMatchObject({ recommendation: 'SHIP', variantKey: 'treatment' })
})

test('a unit that met two variants is left out and counted', async () => {
  const store = await openTestStore()
  await prepared(store)
  await storeAll(store, [exposure('u0', 'treatment', 20)])
  const analysis = await analysisOf(store)
  expect(analysis.units).toBe(UNITS)
  const check = analysis.health.find(({ kind }) => kind === 'MULTIPLE_EXPOSURE')
  expect(check).toMatchObject({ observed: [1], passed: false })
  expect(analysis.verdict.recommendation).toBe('INVALID')
})

test('what arrives later changes the analysis, and not the one as of before', async () => {
  const store = await openTestStore()
  const asOf = await prepared(store)
  const { hash } = await analysisOf(store)
  await storeAll(store, [play('u3', 50, 3), exposure('another', 'control')])
  expect((await analysisOf(store)).hash).not.toBe(hash)
  expect((await analysisOf(store, { asOf })).hash).toBe(hash)
})

test('an edit that makes a new version leaves the analysis of the version before as it was', async () => {
  const store = await openTestStore()
  const asOf = await prepared(store)
  const before = await analysisOf(store, { asOf })
  const later = await startTestReplica(store, NOON + 4 * DAY)
  const edited = await later.experiments.edit({
    ...{ key: 'mix', revision: 4, by: 'ana', reason: 'narrower' },
    edit: { coverage: 0.5 },
  })
  expect(edited).toMatchObject({ type: 'accepted', experiment: { version: 2 } })
  expect(await analysisOf(store, { asOf })).toEqual(before)
})

test('what cannot be analysed is told', async () => {
  const store = await openTestStore()
  await prepared(store)
  const replica = await startTestReplica(store)
  await approveExperiment(replica, { key: 'waiting', surfaces: ['x'] })
  const plan = {
    ...EMPTY_PLAN,
    method: 'GROUP_SEQUENTIAL',
    spending: 'POCOCK',
    looks: 3,
    noAnalysis: true,
  } as const
  await startExperiment(replica, { key: 'sequential', surfaces: ['y'], plan })
  const model = await openReadModel(':memory:')
  onTestFinished(() => model.close())
  const service = createAnalysisService({ store, sums: model.sums, clock: fixedClock(NOON + 3 * DAY) })
  const typeOf = async (experimentKey: string) =>
    (await service.analyse({ experimentKey, cutoff: NOON + 1, asOf: 0 })).type
  expect(await typeOf('none')).toBe('unknown-experiment')
  expect(await typeOf('waiting')).toBe('never-started')
  expect(await typeOf('sequential')).toBe('unsupported-method')
  expect((await service.analyse({ experimentKey: 'mix', cutoff: NOON, asOf: 0 })).type).toBe('never-started')
  const later = { experimentKey: 'mix', cutoff: NOON + 3 * DAY + 1, asOf: 0 }
  expect((await service.analyse(later)).type).toBe('cutoff-in-future')
})

describeOnMongo('analyses', (mongo) => {
  test('the same events give the same hash on either datastore', async () => {
    const sqlite = await openTestStore()
    const other = await openExperimentationStore(mongo().url('analyses'))
    expect(await prepared(other)).toBe(await prepared(sqlite))
    const [one, two] = [await analysisOf(sqlite), await analysisOf(other)]
    expect(two).toEqual(one)
    expect(two.hash).toBe(one.hash)
  })
})
