import { expect, test } from 'vitest'
import type { ExperimentationStore } from '../../datastore/port.ts'
import { SETTLE_MS } from '../../domain/scheduled-looks.ts'
import {
  ANALYSED_KEY,
  analysedExposure,
  analysedPlay,
  storeAnalysedExperiment,
  storeEvents,
} from '../../testing/analysed-experiment.ts'
import { DAY, HOUR, NOON } from '../../testing/samples.ts'
import { fixedClock, openTestStore, silentLog, startTestReplica, testEngine } from '../../testing/test-app.ts'
import { createStoredRun } from '../analyses/stored-run.ts'
import { createScheduledAnalyses, SCHEDULE } from './scheduled-analyses.ts'

const MIDNIGHT = NOON + 12 * HOUR
const FOREVER = { now: Number.MAX_SAFE_INTEGER, limit: 100 }

async function prepared(): Promise<ExperimentationStore> {
  const store = await openTestStore()
  await storeAnalysedExperiment(store)
  return store
}

function scheduleOn(store: ExperimentationStore, now: number, runs: number[] = []) {
  const clock = fixedClock(now)
  const run = createStoredRun({ store, engine: testEngine(store), clock })
  const scheduled = createScheduledAnalyses({
    store,
    run(request, signal) {
      runs.push(request.cutoff ?? 0)
      return run(request, signal)
    },
    receivers: ['one', 'two'],
    clock,
    log: silentLog,
  })
  return () => scheduled.run(new AbortController().signal)
}

async function analysesOf(store: ExperimentationStore) {
  const pages = await store.analysisPages({ experimentKeys: [ANALYSED_KEY], limit: 20, after: null })
  return pages.get(ANALYSED_KEY)?.analyses ?? []
}

async function news(store: ExperimentationStore): Promise<readonly string[]> {
  const due = await store.dueNotifications(FOREVER)
  const told = due.filter(({ receiver }) => receiver === 'one').map(({ body }) => JSON.stringify(body))
  return told
    .map((text) => JSON.parse(text))
    .map(({ type, data: { cutoff, check, recommendation, metricKey } }) =>
      [type, (Date.parse(cutoff) - NOON) / HOUR, check ?? recommendation ?? metricKey].join(' '),
    )
    .toSorted()
}

test('a running experiment is analysed once at each midnight, and what is new is told to every receiver once', async () => {
  const store = await prepared()
  const runs: number[] = []
  await scheduleOn(store, MIDNIGHT + SETTLE_MS - 1, runs)()
  expect(runs).toEqual([])
  const first = scheduleOn(store, MIDNIGHT + SETTLE_MS, runs)
  await first()
  await first()
  await scheduleOn(store, MIDNIGHT + HOUR, runs)()
  expect(runs).toEqual([MIDNIGHT])
  // Its windows are not over, so nothing is concluded.
  expect(await news(store)).toEqual([])
  for (const days of [1, 2]) await scheduleOn(store, MIDNIGHT + days * DAY + HOUR, runs)()
  expect(runs).toEqual([MIDNIGHT, MIDNIGHT + DAY, MIDNIGHT + 2 * DAY])
  const analyses = await analysesOf(store)
  expect(analyses.map(({ cutoff, requestedBy }) => [cutoff, requestedBy])).toEqual(
    runs.toReversed().map((cutoff) => [cutoff, SCHEDULE]),
  )
  // Concluded on the second day, and no news on the third.
  expect(await news(store)).toEqual(['experiment.decision.reached 36 SHIP'])
  const due = await store.dueNotifications(FOREVER)
  expect(due.map(({ receiver }) => receiver).toSorted()).toEqual(['one', 'two'])
  expect(due[0]?.body).toMatchObject({
    data: { experimentKey: ANALYSED_KEY, experimentVersion: 1, analysisId: analyses[1]?.id, asOf: 80 },
  })
})

test('a failed health check and a deteriorated guardrail are told, also where somebody has seen them already', async () => {
  const store = await prepared()
  const other = analysedExposure('u0', 'treatment')
  await storeEvents(store, [
    { ...other, event: { ...other.event, eventId: 'on-another-slate' } },
    ...Array.from({ length: 40 }, (_, at) => analysedPlay(`u${at}`, at % 2 === 0 ? 900 + at : 0, 3)),
  ])
  const now = MIDNIGHT + DAY + HOUR
  const run = createStoredRun({ store, engine: testEngine(store), clock: fixedClock(now) })
  const request = { experimentKey: ANALYSED_KEY, cutoff: MIDNIGHT + DAY - 1, requestedBy: 'ana' }
  await run(request, new AbortController().signal)
  await scheduleOn(store, now)()
  expect(await news(store)).toEqual([
    'experiment.decision.reached 36 INVALID',
    'experiment.guardrail.deteriorated 36 plays',
    'experiment.health_check.failed 36 MULTIPLE_EXPOSURE',
  ])
})

test('a run that was interrupted anywhere, or done twice at once, tells the same once', async () => {
  const store = await prepared()
  const now = MIDNIGHT + DAY + HOUR
  // The analysis is stored, the news are not.
  const broken = { ...store, addNotifications: () => Promise.reject(new Error('killed')) }
  await scheduleOn(broken, now)()
  expect(await analysesOf(store)).toHaveLength(1)
  expect(await news(store)).toEqual([])
  await Promise.all([scheduleOn(store, now)(), scheduleOn(store, now)()])
  expect(await news(store)).toEqual(['experiment.decision.reached 36 SHIP'])
  await scheduleOn(store, now)()
  expect(await analysesOf(store)).toHaveLength(1)
  // Another one makes the same look on more events.
  const late = await prepared()
  const both = [scheduleOn(late, now), scheduleOn({ ...late, findAnalyses: unknownAnalyses(late) }, now)]
  await both[0]?.()
  await storeEvents(late, [analysedPlay('u1', 1, 5)])
  await both[1]?.()
  expect(await analysesOf(late)).toHaveLength(2)
  expect(await news(late)).toEqual(['experiment.decision.reached 36 SHIP'])
})

test('what was told is not told again, whoever asks for analyses at other times, or at the cutoff of a look', async () => {
  const store = await prepared()
  const askedAt = async (cutoff: number) => {
    const run = createStoredRun({ store, engine: testEngine(store), clock: fixedClock(MIDNIGHT + 9 * DAY) })
    await run({ experimentKey: ANALYSED_KEY, cutoff, requestedBy: 'ana' }, new AbortController().signal)
  }
  await askedAt(MIDNIGHT + DAY)
  await scheduleOn(store, MIDNIGHT + DAY + HOUR)()
  expect(await news(store)).toEqual(['experiment.decision.reached 36 SHIP'])
  for (let number = 1; number <= 25; number += 1) await askedAt(MIDNIGHT + DAY + number)
  await scheduleOn(store, MIDNIGHT + 2 * DAY + HOUR)()
  expect(await analysesOf(store)).toHaveLength(20)
  expect(await news(store)).toEqual(['experiment.decision.reached 36 SHIP'])
}, 60_000)

test('what somebody has seen at a midnight that no look was made at is told by the next look', async () => {
  const store = await prepared()
  await scheduleOn(store, MIDNIGHT + HOUR)()
  // Nobody analyses on schedule for two days, and meanwhile somebody asks.
  const run = createStoredRun({ store, engine: testEngine(store), clock: fixedClock(MIDNIGHT + 2 * DAY) })
  const request = { experimentKey: ANALYSED_KEY, cutoff: MIDNIGHT + DAY, requestedBy: 'ana' }
  await run(request, new AbortController().signal)
  expect(await news(store)).toEqual([])
  await scheduleOn(store, MIDNIGHT + 2 * DAY + HOUR)()
  expect(await news(store)).toEqual(['experiment.decision.reached 60 SHIP'])
})

/** As it was before the other one had stored its analysis. */
function unknownAnalyses(store: ExperimentationStore): ExperimentationStore['findAnalyses'] {
  return async (asked) => ({ ...(await store.findAnalyses(asked)), newest: asked.newest.map(() => null) })
}

async function stopAt(store: ExperimentationStore, now: number): Promise<void> {
  const replica = await startTestReplica(store, now)
  const [experiment] = await store.experimentsByKeys([ANALYSED_KEY])
  const revision = experiment?.revision ?? 0
  await replica.experiments.step({ key: ANALYSED_KEY, action: 'stop', revision, reason: 'end', by: 'ana' })
}

test('a stopped experiment is analysed once more, when its windows are over', async () => {
  const store = await prepared()
  await stopAt(store, NOON + 4 * HOUR)
  const runs: number[] = []
  const end = NOON + 28 * HOUR
  await scheduleOn(store, end, runs)()
  expect(runs).toEqual([])
  await scheduleOn(store, end + SETTLE_MS, runs)()
  await scheduleOn(store, end + DAY, runs)()
  expect(runs).toEqual([end])
})

test('metrics are read to find the looks that are due of stopped experiments only', async () => {
  const store = await prepared()
  const read: (readonly string[])[] = []
  const scheduled = createScheduledAnalyses({
    store: {
      ...store,
      metricsByKeys(keys) {
        read.push(keys)
        return store.metricsByKeys(keys)
      },
    },
    run: () => expect.fail('no look is due'),
    receivers: [],
    clock: fixedClock(NOON + 5 * HOUR),
    log: silentLog,
  })
  await scheduled.run(new AbortController().signal)
  expect(read).toEqual([])
  await stopAt(store, NOON + 4 * HOUR)
  await scheduled.run(new AbortController().signal)
  expect(read).toEqual([['plays']])
})
