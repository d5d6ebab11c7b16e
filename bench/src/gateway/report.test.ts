import { expect, test } from 'vitest'
import type { Figures, Measured } from '../harness/rounds.ts'
import { formatComparison, formatGrowth } from './report.ts'
import { workload } from './workloads.ts'

function measured(name: string, cpuUsPerRequest: number, failure: string | null = null): Measured {
  const median: Figures = {
    cpuUsPerRequest,
    p50Ms: 1,
    p99Ms: 2,
    requestsPerSecond: 3,
    rssMiB: 4,
    peakRssMiB: 5,
    counted: { fetches: 2 },
  }
  return { name, median, rounds: [], failure }
}

function comparison(items: number, cpus: readonly [ours: number, theirs: number]) {
  return {
    subgraphs: 'canned' as const,
    workload: workload(items, true),
    measured: [measured('bulkhead', cpus[0]), measured('peer', cpus[1], 'HTTP 500')],
  }
}

test('each row says what share of its CPU time ours takes, and a wrong answer is shown', () => {
  const lines = formatComparison(comparison(20, [200, 1_000])).split('\n')
  expect(lines[1]).toMatch(/^bulkhead +200 +1\.000 /)
  expect(lines[2]).toMatch(/^peer +1000 +0\.200 /)
  expect(lines[3]).toBe('FAILED: peer gave a wrong answer: HTTP 500')
})

test('growth is told for each gateway and kind of workload', () => {
  const table = formatGrowth([comparison(20, [100, 100]), comparison(200, [1_000, 100])])
  expect(table.split('\n')).toEqual([
    'gateway   canned, with exposures',
    'bulkhead                    1.00',
    'peer                        0.00',
  ])
})
