import { createMetrics } from '@bulkhead/service/metrics'
import { expect, test } from 'vitest'
import { type ClientState, createSubgraphMetrics } from './subgraph-metrics.ts'

function subgraphMetrics() {
  const metrics = createMetrics({ service: 'test' })
  const values = async (name: `bulkhead_${string}`) =>
    (await metrics.registry.getSingleMetric(name)?.get())?.values
  return { ...createSubgraphMetrics(metrics), values }
}

function client(inFlight: number, queued: number): ClientState {
  return { inFlight: () => inFlight, queued: () => queued, breakers: () => [['1 to 1 ms', 'half-open']] }
}

test('every fetch is counted once, however often the metrics are read', async () => {
  const { tally, values } = subgraphMetrics()
  const { add } = tally('a')
  const count = async () =>
    (await values('bulkhead_subgraph_fetch_seconds'))?.find(
      (value) => 'metricName' in value && String(value.metricName).endsWith('_count'),
    )?.value
  for (let fetch = 0; fetch < 1_000; fetch += 1) add(fetch % 4 === 0 ? 'deadline' : 'answered', 0.003)
  for (let read = 0; read < 2; read += 1) {
    expect(await count()).toBe(1_000)
    expect(await values('bulkhead_subgraph_fetches_total')).toEqual([
      { labels: { subgraph: 'a', outcome: 'deadline' }, value: 250 },
      { labels: { subgraph: 'a', outcome: 'answered' }, value: 750 },
    ])
  }
  add('answered', 0.003)
  expect(await count()).toBe(1_001)
})

test('the first retry and the first shared fetch are an increase from zero', async () => {
  const { of, values } = subgraphMetrics()
  const { retried } = of('a')
  expect(await values('bulkhead_subgraph_shared_fetches_total')).toEqual([
    { labels: { subgraph: 'a' }, value: 0 },
  ])
  retried()
  expect(await values('bulkhead_subgraph_retries_total')).toEqual([{ labels: { subgraph: 'a' }, value: 1 }])
})

test('while a reload drains the old client of a subgraph, both are counted', async () => {
  const { watch, values } = subgraphMetrics()
  const unwatch = watch('a', client(3, 1))
  watch('a', client(4, 0))
  watch('b', client(0, 0))
  const inFlight = () => values('bulkhead_subgraph_fetches_in_flight')
  expect(await inFlight()).toEqual([
    { labels: { subgraph: 'a' }, value: 7 },
    { labels: { subgraph: 'b' }, value: 0 },
  ])
  expect(await values('bulkhead_subgraph_fetches_queued')).toMatchObject([{ value: 1 }, { value: 0 }])
  expect(await values('bulkhead_subgraph_breaker_state')).toMatchObject([{ value: 1 }, { value: 1 }])
  unwatch()
  expect(await inFlight()).toMatchObject([{ value: 4 }, { value: 0 }])
})

test('where nobody reads the metrics, durations are not kept for ever', () => {
  let observed = 0
  const { tally } = createSubgraphMetrics({
    ...createMetrics({ service: 'test' }),
    histogram: () => ({ labels: () => ({ observe: () => (observed += 1) }) }) as never,
  })
  const { add } = tally('a')
  for (let fetch = 0; fetch < 10_000; fetch += 1) add('answered', 0.003)
  expect(observed).toBeGreaterThan(9_000)
})
