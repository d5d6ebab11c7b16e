import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMetrics } from '@bulkhead/service/metrics'
import { captureLog } from '@bulkhead/service/testing/captured-log'
import { expect, onTestFinished, test } from 'vitest'
import { startApp } from '../app.ts'
import { loadConfig } from '../config.ts'
import { REQUIRED_SETTINGS } from '../testing/settings.ts'

const PAGE = new URL('../../../docs/observability.md', import.meta.url)

test('docs/observability.md has a row for every metric of the gateway, with its labels, and for no other', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-metrics-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const config = loadConfig({
    ...REQUIRED_SETTINGS,
    USAGE_FILE: join(folder, 'usage.jsonl'),
  })
  const metrics = createMetrics({ service: 'test' })
  const app = await startApp({ config, clock: { now: () => 0 }, log: captureLog().log, metrics })
  onTestFinished(app.stop)

  const registered = metrics.registry
    .getMetricsAsArray()
    .filter(({ name }) => name.startsWith('bulkhead_') && !name.startsWith('bulkhead_http_'))
    .map((metric) => [metric.name, (metric as unknown as { labelNames: string[] }).labelNames] as const)
  const sections = readFileSync(PAGE, 'utf8').split(/^## /m)
  const rows = sections
    .find((section) => section.startsWith('Metrics\n'))
    ?.split('\n')
    .filter((line) => line.startsWith('| `bulkhead_'))
  const documented = rows?.flatMap((row) => {
    const [, names = '', labels = ''] = row.split('|')
    return words(names).map((name) => [name, words(labels)] as const)
  })
  expect(Object.fromEntries(documented ?? [])).toEqual(Object.fromEntries(registered))
})

/** What stands between backticks. */
function words(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word)
}
