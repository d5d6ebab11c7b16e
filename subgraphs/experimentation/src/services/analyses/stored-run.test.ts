import { hash } from 'node:crypto'
import { canonicalJson } from '@bulkhead/contracts'
import { describeOnMongo } from '@bulkhead/datastore/testing/describe-on-mongodb'
import { expect, onTestFinished, test } from 'vitest'
import { CODE_VERSION } from '../../analysis/analyse.ts'
import { openExperimentationStore } from '../../datastore/open.ts'
import type { ExperimentationStore } from '../../datastore/port.ts'
import type { StoredAnalysis } from '../../domain/stored-analysis.ts'
import { EventsErasedError, SumOverflowError } from '../../read-model/errors.ts'
import {
  ANALYSED_AT,
  ANALYSED_KEY,
  analysedExposure,
  analysedPlay,
  storeAnalysedExperiment,
  storeEvents,
} from '../../testing/analysed-experiment.ts'
import { HOUR, sampleErasure, sampleHeartbeat, sampleIncoming } from '../../testing/samples.ts'
import { fixedClock, openTestStore, startTestReplica, testEngine } from '../../testing/test-app.ts'
import { createStoreErasing } from '../../testing/unit-erasing.ts'
import { createAnalysisService } from '../analysis-service.ts'
import { hashedContent, isIntact } from './recorded-analysis.ts'
import { replayAnalysis } from './replay.ts'
import { createStoredRun, type RunRequest } from './stored-run.ts'
import type { SumsEngine } from './sums-engine.ts'

type Options = { readonly at?: number; readonly maxBytes?: number; readonly engine?: SumsEngine }

function runOn(store: ExperimentationStore, request: Partial<RunRequest> = {}, options: Options = {}) {
  const { at = ANALYSED_AT, engine = testEngine(store), ...rest } = options
  const run = createStoredRun({ store, engine, clock: fixedClock(at), ...rest })
  return run(
    { experimentKey: ANALYSED_KEY, cutoff: ANALYSED_AT, requestedBy: 'ana', ...request },
    new AbortController().signal,
  )
}

async function analysisOn(store: ExperimentationStore, ...rest: [Partial<RunRequest>?, Options?]) {
  const outcome = await runOn(store, ...rest)
  if (outcome.type !== 'analysed') throw new Error(JSON.stringify(outcome.refusal))
  return outcome.analysis
}

async function replayOn(store: ExperimentationStore, id: string) {
  const { sums } = testEngine(store)
  const service = createAnalysisService({
    store,
    clock: fixedClock(ANALYSED_AT),
    sums: (query) => sums(query, new AbortController().signal),
  })
  const result = await replayAnalysis(id, { store, service })
  if (result.type !== 'replayed') throw new Error(result.type)
  return result.replay
}

async function prepared(store: ExperimentationStore): Promise<ExperimentationStore> {
  onTestFinished(() => store.close())
  await storeAnalysedExperiment(store)
  return store
}

async function stored(store: ExperimentationStore, id: string): Promise<StoredAnalysis | undefined> {
  return (await store.findAnalyses({ ids: [id], newest: [] })).byId.get(id)
}

test('an analysis is stored under its hash, and one that is computed again stays as it was stored first', async () => {
  const store = await prepared(await openTestStore())
  const first = await analysisOn(store, {}, { at: ANALYSED_AT + 1 })
  expect(first).toMatchObject({
    experimentKey: ANALYSED_KEY,
    experimentVersion: 1,
    cutoff: ANALYSED_AT,
    asOf: 80,
    engine: 'DUCKDB',
    createdAt: ANALYSED_AT + 1,
    requestedBy: 'ana',
    content: { units: 40, complete: true },
  })
  expect(first.sql.length).toBeGreaterThan(0)
  expect(isIntact(first)).toBe(true)
  expect(await stored(store, first.id)).toEqual(first)
  const again = await analysisOn(store, { requestedBy: 'ben' }, { at: ANALYSED_AT + 2 })
  expect(again).toEqual(first)
})

test('without a cutoff everything counts that occurred before now', async () => {
  const store = await prepared(await openTestStore())
  expect(await analysisOn(store, { cutoff: null })).toMatchObject({ cutoff: ANALYSED_AT })
})

test('what cannot be analysed or stored is a refusal, and nothing is stored', async () => {
  const store = await prepared(await openTestStore())
  const refusalOf = async (...rest: [Partial<RunRequest>?, Options?]) => {
    const outcome = await runOn(store, ...rest)
    return outcome.type === 'refused' ? outcome.refusal : outcome.type
  }
  expect(await refusalOf({ experimentKey: 'none' })).toEqual({ type: 'unknown-experiment' })
  expect(await refusalOf({ cutoff: 1 })).toEqual({ type: 'never-started' })
  expect(await refusalOf({ cutoff: ANALYSED_AT + 1 })).toEqual({ type: 'cutoff-in-future' })
  expect(await refusalOf({}, { maxBytes: 1_000 })).toMatchObject({ type: 'analysis-too-large', limit: 1_000 })
  const overflowing: SumsEngine = {
    name: 'DUCKDB',
    sums: async () => {
      throw new SumOverflowError({ key: 'plays', version: 1 })
    },
  }
  expect(await refusalOf({}, { engine: overflowing })).toMatchObject({
    type: 'sum-overflow',
    message: expect.stringMatching(/plays.*cap/),
  })
  const page = await store.analysisPages({ experimentKeys: [ANALYSED_KEY], limit: 1, after: null })
  expect(page.get(ANALYSED_KEY)?.analyses).toEqual([])
})

test('an analysis is final once every producer has delivered what occurred before the cutoff', async () => {
  const store = await prepared(await openTestStore())
  const heartbeat = (producer: string, sequence: number, through: number) =>
    sampleIncoming(
      sampleHeartbeat({
        eventId: `heartbeat-${producer}-${sequence}`,
        producer,
        sequence,
        deliveredThrough: new Date(through).toISOString(),
        occurredAt: new Date(ANALYSED_AT + HOUR).toISOString(),
      }),
      ANALYSED_AT + HOUR,
    )
  expect((await analysisOn(store)).final).toBe(false)
  await storeEvents(store, [heartbeat('p1', 1, ANALYSED_AT - 1), heartbeat('p2', 1, ANALYSED_AT - 2)])
  expect((await analysisOn(store)).final).toBe(false)
  await storeEvents(store, [heartbeat('p2', 2, ANALYSED_AT - 1)])
  expect((await analysisOn(store)).final).toBe(true)
})

test('a replay gives the same after late events, and after changes of the experiment', async () => {
  const store = await prepared(await openTestStore())
  const { id } = await analysisOn(store)
  await storeEvents(store, [analysedPlay('u1', 500, 3), analysedExposure('u90', 'control')])
  const later = await startTestReplica(store, ANALYSED_AT + HOUR)
  const edited = await later.experiments.edit({
    ...{ key: ANALYSED_KEY, revision: 4, by: 'ana', reason: 'narrower' },
    edit: { coverage: 0.5 },
  })
  expect(edited.type).toBe('accepted')
  await later.definitions.define(
    { key: 'plays', name: 'Plays', kind: 'COUNT', event: 'SKIP', windowHours: 1, lowerIsBetter: true },
    'ana',
  )
  expect((await analysisOn(store)).id).not.toBe(id)
  expect(await replayOn(store, id)).toEqual({
    id,
    experimentKey: ANALYSED_KEY,
    equal: true,
    intact: true,
    hash: id,
    differing: [],
    codeVersion: { stored: CODE_VERSION, now: CODE_VERSION },
    inputsErased: 0,
    logBegins: 0,
  })
})

test('a replay runs the intervals that were stored: a stop that was recorded later for before changes nothing', async () => {
  const store = await prepared(await openTestStore())
  const { id } = await analysisOn(store)
  // Another replica whose clock is behind.
  const behind = await startTestReplica(store)
  await behind.experiments.step({ key: ANALYSED_KEY, action: 'stop', revision: 4, reason: 'r', by: 'ana' })
  expect((await analysisOn(store)).content).toMatchObject({ units: 0 })
  expect(await replayOn(store, id)).toMatchObject({ equal: true })
})

test('a replay after an erasure says how many events were erased, and what differs', async () => {
  const store = await prepared(await openTestStore())
  await eraseUnit(store, 'u2')
  const { id, erasedBefore } = await analysisOn(store)
  expect(erasedBefore).toBe(2)
  expect(await replayOn(store, id)).toMatchObject({ equal: true, inputsErased: 0 })
  await eraseUnit(store, 'u1')
  const replay = await replayOn(store, id)
  expect(replay).toMatchObject({ equal: false, intact: true, inputsErased: 2, logBegins: 0 })
  expect(replay.differing).toContain('results: plays SUCCESS treatment')
  expect(replay.differing).toContain('units')
  expect(replay.differing).not.toContain('plan')
})

test('a replay that needs events that are gone because of their age is refused', async () => {
  const store = await prepared(await openTestStore())
  const { id } = await analysisOn(store)
  const erased = await store.eraseEvents({ recordedBefore: ANALYSED_AT, upTo: 40, limit: 100 })
  expect(erased).toBeGreaterThan(0)
  await expect(replayOn(store, id)).rejects.toBeInstanceOf(EventsErasedError)
})

test('a replay under another version of the code says so, and one of a changed record as well', async () => {
  const store = await prepared(await openTestStore())
  const { id: _, ...analysis } = await analysisOn(store)
  const content = { ...analysis.content, codeVersion: '0' }
  const older = { ...analysis, content, id: hash('sha256', canonicalJson(content), 'hex') }
  await store.insertAnalysis(older)
  expect(await replayOn(store, older.id)).toMatchObject({
    equal: false,
    intact: true,
    differing: ['codeVersion'],
    codeVersion: { stored: '0', now: CODE_VERSION },
  })
  const changed = { ...analysis, content: { ...analysis.content, units: 41 }, id: 'changed' }
  await store.insertAnalysis(changed)
  expect(await replayOn(store, 'changed')).toMatchObject({
    equal: false,
    intact: false,
    differing: ['units'],
  })
})

test('the hash covers all of an analysis but its statements', async () => {
  const store = await prepared(await openTestStore())
  const { sums } = testEngine(store)
  const service = createAnalysisService({
    store,
    clock: fixedClock(ANALYSED_AT),
    sums: (query) => sums(query, new AbortController().signal),
  })
  const result = await service.analyse({ experimentKey: ANALYSED_KEY, cutoff: ANALYSED_AT, asOf: 80 })
  if (result.type !== 'analysed') throw new Error(result.type)
  const content = hashedContent(result.analysis)
  expect(hash('sha256', canonicalJson(content), 'hex')).toBe(result.analysis.hash)
  expect(Object.keys(content)).not.toContain('sql')
})

async function eraseUnit(store: ExperimentationStore, unit: string): Promise<void> {
  const occurredAt = new Date(ANALYSED_AT).toISOString()
  await store.ingest([
    sampleIncoming(sampleErasure({ unit, eventId: `erasure-${unit}`, occurredAt }), ANALYSED_AT),
  ])
  const erasing = createStoreErasing(store)
  while ((await erasing.step()).more);
}

describeOnMongo('stored analyses', (mongo) => {
  test('are the same on either datastore, and are replayed after the store is opened again', async () => {
    const sqlite = await prepared(await openTestStore())
    const url = mongo().url('stored_analyses')
    const before = await openExperimentationStore(url)
    await storeAnalysedExperiment(before)
    const { id } = await analysisOn(before)
    await before.close()
    const after = await openExperimentationStore(url)
    onTestFinished(() => after.close())
    expect(await stored(after, id)).toEqual(await analysisOn(sqlite))
    await storeEvents(after, [analysedPlay('u1', 500, 3)])
    expect(await replayOn(after, id)).toMatchObject({ equal: true, intact: true })
  })
})
