import { createMetrics } from '@bulkhead/service/metrics'
import { parse } from 'graphql'
import { expect, test } from 'vitest'
import type { PreparedOperation } from '../operations/prepare-operation.ts'
import { createRequestMetrics, MAX_OPERATION_NAMES } from './request-metrics.ts'

function operation(name: string): PreparedOperation {
  return { operation: parse(`query ${name} { a }`).definitions[0] } as unknown as PreparedOperation
}

function observed() {
  const metrics = createMetrics({ service: 'test' })
  const requests = createRequestMetrics(metrics)
  /** How many of the values have this label. */
  async function count(name: string, labels: Record<string, string>) {
    const { values } = (await metrics.registry.getSingleMetric(name)?.get()) ?? { values: [] }
    return values
      .filter((value) => !('metricName' in value) || String(value.metricName).endsWith('_count'))
      .filter((value) =>
        Object.entries(labels).every(([label, text]) => value.labels[label as never] === text),
      )
      .reduce((sum, { value }) => sum + value, 0)
  }
  const timed = (name: string) => count('bulkhead_operation_seconds', { operation: name })
  return { requests, count, timed }
}

test('operations are timed by name', async () => {
  const { requests, timed } = observed()
  const home = operation('Home')
  requests.answered(home, 0.1)
  requests.answered(home, 0.1)
  requests.answered(operation('Home'), 0.1)
  requests.answered(operation(''), 0.1)
  expect([await timed('Home'), await timed('anonymous'), await timed('other')]).toEqual([3, 1, 0])
})

test('whatever names clients invent, the number of series is bounded, and known names keep theirs', async () => {
  const { requests, timed } = observed()
  requests.answered(operation('x'.repeat(101)), 0.1)
  expect(await timed('other')).toBe(1)
  for (let n = 0; n < MAX_OPERATION_NAMES + 50; n += 1) requests.answered(operation(`Invented${n}`), 0.1)
  requests.answered(operation('Invented0'), 0.1)
  expect(await timed('Invented0')).toBe(2)
  // One of the names is "other" itself.
  expect(await timed(`Invented${MAX_OPERATION_NAMES - 2}`)).toBe(1)
  expect(await timed(`Invented${MAX_OPERATION_NAMES - 1}`)).toBe(0)
  expect(await timed('other')).toBe(52)
})

test('errors are counted by codes of the registries; codes that subgraphs invent are other', async () => {
  const { requests, count } = observed()
  expect(await count('bulkhead_errors_total', { code: 'SUBGRAPH_DEADLINE' })).toBe(0)
  requests.failed('SUBGRAPH_DEADLINE')
  requests.failed('INTERNAL')
  requests.failed('INVENTED_1')
  requests.failed('toString')
  const codes = ['SUBGRAPH_DEADLINE', 'INTERNAL', 'INVENTED_1', 'toString', 'other']
  const counted = await Promise.all(codes.map((code) => count('bulkhead_errors_total', { code })))
  expect(counted).toEqual([1, 1, 0, 0, 2])
})
