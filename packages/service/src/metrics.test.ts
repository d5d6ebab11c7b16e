import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'

test('own and process metrics carry the service as a label', async () => {
  const metrics = createMetrics({ service: 'personalization' })
  metrics
    .counter({ name: 'bulkhead_slates_total', help: 'Slates', labelNames: ['rung'] })
    .inc({ rung: 'MODEL' })
  metrics.gauge({ name: 'bulkhead_outbox_events', help: 'Waiting' }).set(3)
  const text = await metrics.registry.metrics()
  expect(text).toContain('bulkhead_slates_total{rung="MODEL",service="personalization"} 1')
  expect(text).toContain('bulkhead_outbox_events{service="personalization"} 3')
  expect(text).toMatch(/process_cpu_seconds_total\{service="personalization"\}/)
})

test('two services in one process do not share a registry', async () => {
  const one = createMetrics({ service: 'one' })
  createMetrics({ service: 'two' }).counter({ name: 'bulkhead_x_total', help: 'x' }).inc()
  expect(await one.registry.metrics()).not.toContain('bulkhead_x_total')
})
