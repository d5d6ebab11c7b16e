import { createMetrics } from '@bulkhead/service/metrics'
import { expect, test } from 'vitest'
import { sampleStoredAnalysis } from '../../testing/sample-analyses.ts'
import { fixedClock, silentLog } from '../../testing/test-app.ts'
import { createAnalysisRunner } from './analysis-runner.ts'
import type { RunOutcome, RunRequest } from './stored-run.ts'

const NEVER_MS = 60_000

/** A runner whose analyses end when the test says so. */
function startRunner({ waitMs = NEVER_MS, queueLimit = 3 } = {}) {
  const begun: { readonly request: RunRequest; readonly end: PromiseWithResolvers<RunOutcome> }[] = []
  const metrics = createMetrics({ service: 'experimentation' })
  const runner = createAnalysisRunner({
    compute(request, signal) {
      const end = Promise.withResolvers<RunOutcome>()
      signal.addEventListener('abort', () => end.reject(signal.reason))
      begun.push({ request, end })
      return end.promise
    },
    waitMs,
    queueLimit,
    clock: fixedClock(),
    log: silentLog,
    metrics,
  })
  async function begins(count: number) {
    await expect.poll(() => begun.length).toBe(count)
    const last = begun.at(-1)
    if (last === undefined) throw new Error('one has begun')
    return last
  }
  return { runner, begun, begins, metrics }
}

function request(experimentKey: string, cutoff: number | null = null, requestedBy = 'ana'): RunRequest {
  return { experimentKey, cutoff, requestedBy }
}

function analysed(id: string): RunOutcome {
  return { type: 'analysed', analysis: sampleStoredAnalysis({ id }) }
}

test('analyses run one at a time, in the order in which they were asked for', async () => {
  const { runner, begun, begins } = startRunner()
  const results = ['a', 'b'].map((key) => runner.run(request(key)))
  const first = await begins(1)
  expect(first.request.experimentKey).toBe('a')
  first.end.reject(new Error('the engine failed'))
  await expect(results[0]).rejects.toThrow('the engine failed')
  // One that fails does not keep the next from running.
  const second = await begins(2)
  second.end.resolve(analysed('b'))
  expect(await results[1]).toEqual(analysed('b'))
  expect(begun.map(({ request: { experimentKey } }) => experimentKey)).toEqual(['a', 'b'])
})

test('a request for the same experiment and cutoff joins the one that runs', async () => {
  const { runner, begins } = startRunner({ queueLimit: 1 })
  const results = ['ana', 'ben'].map((by) => runner.run(request('a', 5, by)))
  const { end, request: begun } = await begins(1)
  end.resolve(analysed('x'))
  expect(await Promise.all(results)).toEqual([analysed('x'), analysed('x')])
  expect(begun.requestedBy).toBe('ana')
})

test('what exceeds the queue is refused, and taken once there is room', async () => {
  const { runner, begins, metrics } = startRunner({ queueLimit: 2 })
  const results = [runner.run(request('a')), runner.run(request('a', 5))]
  const refusal = { type: 'analyses-overloaded', limit: 2 }
  expect(await runner.run(request('b'))).toEqual({ type: 'refused', refusal })
  expect(await metrics.registry.metrics()).toMatch(/bulkhead_analyses_waiting\{[^}]*\} 2/)
  ;(await begins(1)).end.resolve(analysed('a'))
  await results[0]
  const third = runner.run(request('b'))
  ;(await begins(2)).end.resolve(analysed('a5'))
  ;(await begins(3)).end.resolve(analysed('b'))
  expect(await third).toEqual(analysed('b'))
  expect(await metrics.registry.metrics()).toMatch(/bulkhead_analyses_total\{outcome="overloaded"[^}]*\} 1/)
})

test('a request waits for a while only; the next one like it gets the outcome, and the one after that runs anew', async () => {
  const { runner, begins } = startRunner({ waitMs: 5 })
  const running = { type: 'refused', refusal: { type: 'analysis-running', waitedMs: 5 } }
  expect(await runner.run(request('a'))).toEqual(running)
  expect(await runner.run(request('a'))).toEqual(running)
  const { end } = await begins(1)
  end.resolve(analysed('a'))
  await end.promise
  expect(await runner.run(request('a', 5))).toEqual(running)
  expect(await runner.run(request('a'))).toEqual(analysed('a'))
  ;(await begins(2)).end.resolve(analysed('a5'))
  expect(await runner.run(request('a'))).toEqual(running)
  expect((await begins(3)).request).toEqual(request('a'))
})

test('a stop gives up what waits and what runs, and takes nothing more', async () => {
  const { runner, begun, begins } = startRunner()
  const results = ['a', 'b'].map((key) => runner.run(request(key)))
  const outcomes = Promise.allSettled(results)
  await begins(1)
  await runner.stop()
  for (const result of await outcomes) {
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'SHUTTING_DOWN', retryable: true } })
  }
  await expect(runner.run(request('c'))).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
  expect(begun).toHaveLength(1)
})
