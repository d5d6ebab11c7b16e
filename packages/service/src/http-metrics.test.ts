import { expect, test } from 'vitest'
import { countAnswers } from './http-metrics.ts'
import { createMetrics } from './metrics.ts'

function start() {
  const metrics = createMetrics({ service: 'test' })
  return { count: countAnswers(metrics), read: () => metrics.registry.metrics() }
}

test('counts by route, method and status, each once however often they are read', async () => {
  const { count, read } = start()
  count('/graphql', 'POST', 200, 0.004)
  count('/graphql', 'POST', 200, 0.004)
  count('/graphql', 'POST', 401, 0.004)
  count('/graphql', 'GET', 200, 0.004)
  await read()
  count('/graphql', 'POST', 200, 0.004)
  await read()
  const text = await read()
  expect(text).toMatch(/requests_total\{route="\/graphql",method="POST",status="200",service="test"\} 3\n/)
  expect(text).toMatch(/requests_total\{route="\/graphql",method="POST",status="401",service="test"\} 1\n/)
  expect(text).toMatch(/requests_total\{route="\/graphql",method="GET",status="200",service="test"\} 1\n/)
})

test('durations are in the histogram of their route, more of them than are kept too', async () => {
  const { count, read } = start()
  for (let index = 0; index < 1_000; index += 1) count('/graphql', 'POST', 200, index < 300 ? 0.0005 : 0.2)
  count('/healthz', 'GET', 200, 7)
  const text = await read()
  expect(text).toMatch(/duration_seconds_bucket\{le="0\.001",service="test",route="\/graphql"\} 300\n/)
  expect(text).toMatch(/duration_seconds_count\{service="test",route="\/graphql"\} 1000\n/)
  expect(text).toMatch(/duration_seconds_sum\{service="test",route="\/healthz"\} 7\n/)
})
