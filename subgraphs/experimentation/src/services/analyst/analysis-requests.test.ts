import { expect, test } from 'vitest'
import { sampleStoredAnalysis } from '../../testing/sample-analyses.ts'
import { NOON } from '../../testing/samples.ts'
import { openTestStore, silentLog } from '../../testing/test-app.ts'
import type { RunOutcome, RunRequest } from '../analyses/stored-run.ts'
import { createForwardedRun, createRequestAnswering } from './analysis-requests.ts'

const REQUEST: RunRequest = { experimentKey: 'mix', cutoff: NOON, requestedBy: 'ana' }

async function start(run: (request: RunRequest) => Promise<RunOutcome>, silentMs = 1_000) {
  const store = await openTestStore()
  const time = { now: NOON }
  const clock = { now: () => time.now }
  let ids = 0
  const newId = () => {
    ids += 1
    return `request-${ids}`
  }
  const forward = createForwardedRun({ store, newId, clock, silentMs, giveUpMs: 5_000 })
  const answering = createRequestAnswering({ store, run, clock, log: silentLog })
  return {
    store,
    time,
    ask: (signal = new AbortController().signal) => forward(REQUEST, signal),
    answer: () => answering.answer(new AbortController().signal),
  }
}

test('an analysis that was asked for is the one that was stored, and a refusal is the analyst’s', async () => {
  const analysis = sampleStoredAnalysis()
  const outcomes: RunOutcome[] = [
    { type: 'analysed', analysis },
    { type: 'refused', refusal: { type: 'sum-overflow', message: 'too long' } },
  ]
  const asked: RunRequest[] = []
  const { store, ask, answer } = await start(async (request) => {
    asked.push(request)
    const outcome = outcomes.shift()
    if (outcome === undefined) throw new Error('there are two')
    return outcome
  })
  await store.insertAnalysis(analysis)
  for (const expected of [...outcomes]) {
    const waiting = ask()
    while ((await store.waitingAnalysisRequests(1)).length === 0) await new Promise(setImmediate)
    await answer()
    expect(await waiting).toEqual(expected)
  }
  expect(asked).toEqual([REQUEST, REQUEST])
})

test('what fails is tried again, and then its failure is told', async () => {
  let attempts = 0
  const { store, ask, answer } = await start(async () => {
    attempts += 1
    throw new Error(`failure ${attempts}`)
  })
  const waiting = ask()
  const failure = expect(waiting).rejects.toThrow('failure 3')
  while ((await store.waitingAnalysisRequests(1)).length === 0) await new Promise(setImmediate)
  for (let turn = 0; turn < 5; turn += 1) await answer()
  await failure
  expect(attempts).toBe(3)
})

test('nobody waits for ever where nobody analyses, nor after giving up', async () => {
  const { store, time, ask } = await start(async () => ({
    type: 'refused',
    refusal: { type: 'unknown-experiment' },
  }))
  const controller = new AbortController()
  const given = ask(controller.signal)
  const stopped = expect(given).rejects.toThrow()
  controller.abort()
  await stopped
  const waiting = ask()
  const failure = expect(waiting).rejects.toMatchObject({ code: 'ANALYST_UNAVAILABLE' })
  while ((await store.waitingAnalysisRequests(5)).length < 2) await new Promise(setImmediate)
  time.now += 999
  const lease = { holder: 'a', beat: 1, progress: { through: 0, caughtUpAt: 0 } }
  await store.replaceLease({ expectedBeat: null, lease })
  await new Promise((resolve) => setTimeout(resolve, 250))
  // Heard of meanwhile, so the time begins anew.
  time.now += 999
  await new Promise((resolve) => setTimeout(resolve, 250))
  time.now += 1
  await failure
})

test('nobody waits for ever for an analyst that answers nothing, though it is heard of', async () => {
  const { store, time, ask } = await start(() => new Promise(() => undefined), Number.POSITIVE_INFINITY)
  const failure = expect(ask()).rejects.toMatchObject({ code: 'ANALYST_UNAVAILABLE' })
  while ((await store.waitingAnalysisRequests(1)).length === 0) await new Promise(setImmediate)
  await store.forgetAnalysisRequests(time.now + 1)
  time.now += 5_000
  await failure
})
