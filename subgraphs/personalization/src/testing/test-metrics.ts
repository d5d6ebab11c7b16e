import { createMetrics, type Metrics } from '@bulkhead/service/metrics'

export function createTestMetrics(): Metrics {
  return createMetrics({ service: 'test' })
}

/** The text of one metric, without its help: what an operator would read. */
export async function metricLines(metrics: Metrics, name: string): Promise<string[]> {
  const text = await metrics.registry.getSingleMetricAsString(name)
  return text.split('\n').filter((line) => !line.startsWith('#') && line !== '')
}
