import { VALUE_SCALE } from '@bulkhead/statistics/moments'
import { expect, test } from 'vitest'
import { type Analysis, analyse } from '../analysis/analyse.ts'
import { EMPTY_PLAN } from '../domain/plan/analysis-plan.ts'
import type { MetricSums } from '../read-model/port.ts'
import {
  NO_SUMS,
  sampleEvents,
  sampleMetric,
  sampleMetricSums,
  sampleUnits,
} from '../testing/sample-metrics.ts'
import { analysisReport } from './analysis-report.ts'

function arm(variantKey: string, sum: bigint): MetricSums {
  return sampleMetricSums({ variantKey, n: 400n, sum, sumSquares: sum * 3n * VALUE_SCALE })
}

function analysed(scale: 'ABSOLUTE' | 'RELATIVE', metrics: readonly MetricSums[]): Analysis {
  const outcome = analyse(
    {
      experimentKey: 'mix',
      version: {
        version: 1,
        variants: [
          { key: 'control', name: 'C', weight: 0.5, payload: null, isControl: true },
          { key: 'loud', name: 'L', weight: 0.5, payload: null, isControl: false },
        ],
      },
      plan: { ...EMPTY_PLAN, scale, plannedSampleSize: 200 },
      metrics: [{ definition: sampleMetric(), role: 'SUCCESS', margin: null }],
      cutoff: 0,
      asOf: 7,
    },
    sampleEvents({ ...NO_SUMS, units: ['control', 'loud'].map((key) => sampleUnits(key, 400n)), metrics }),
  )
  if (outcome.type !== 'analysed') throw new Error(outcome.type)
  return outcome.analysis
}

function report(...inputs: Parameters<typeof analysed>): string {
  return analysisReport(analysed(...inputs))
}

const METRICS = [arm('control', 400n * VALUE_SCALE), arm('loud', 600n * VALUE_SCALE)]

test('an effect is shown with its interval, drawn around 0', () => {
  const lines = report('RELATIVE', METRICS).split('\n')
  expect(lines[0]).toBe(
    'mix, version 1: 800 units until 1970-01-01T00:00:00.000Z, windows complete, not final: events may follow',
  )
  expect(lines[1]).toMatch(
    /^plan [0-9a-f]{12} \(FIXED_HORIZON\), events up to position 7, analysis [0-9a-f]{12}$/,
  )
  const success = lines.find((line) => line.includes('SUCCESS'))
  expect(success).toMatch(
    /^plays +SUCCESS +loud +1 +1\.5 +\+50\.00 % +\[\+\d+\.\d\d %, \+\d+\.\d\d %\] +0\.0\d+ \* +0\.0\d+ +\| +-+o-+$/,
  )
  const deterioration = lines.find((line) => line.includes('DETERIORATION'))
  expect(deterioration).toMatch(/\[open, \+\d+\.\d\d %\] +1\.0 +1\.0 +-+o-+$/)
  expect(lines).toContain('Recommendation: SHIP loud')
  expect(lines).toContain('  yes success: loud: plays better')
})

test('on the absolute scale there is no percent', () => {
  expect(report('ABSOLUTE', METRICS)).toMatch(/SUCCESS +loud +1 +1\.5 +\+0\.5 +\[\+0\.\d+, \+0\.\d+\]/)
})

test('what cannot be tested is told', () => {
  const text = report('RELATIVE', [arm('control', 0n), arm('loud', 0n)])
  expect(text).toContain('No results.')
  expect(text).toContain('plays (SUCCESS, loud): no result, equal constants')
})

test('an effect that has no percentage, because the control has none, is shown without one', () => {
  const text = report('RELATIVE', [arm('control', 0n), arm('loud', 600n * VALUE_SCALE)])
  expect(text).toMatch(/SUCCESS +loud +0 +1\.5 +\+1\.5 +\[\+1\.\d+, \+1\.\d+\]/)
  expect(text).not.toContain('150.00 %')
})

test('what callers have sent as an attribute cannot act on the terminal', () => {
  const missing = [
    { metricKey: 'plays', metricVersion: 1, role: 'SUCCESS', variantKey: 'loud', reason: 'too-few-units' },
  ] as const
  const analysis = analysed('RELATIVE', METRICS)
  const text = analysisReport({
    ...analysis,
    segments: [
      {
        attribute: 'plan\u001b[2J',
        values: [
          { value: 'free\u001b[31m\nShip it', units: 3, results: [], missing },
          { value: 'paid\u0007', units: 5, results: analysis.results, missing: [] },
        ],
        omitted: { units: 0 },
      },
    ],
  })
  expect(text).toContain('By plan [2J, for exploration only')
  expect(text).toContain('free [31m Ship it: plays (SUCCESS, loud)')
  expect(text).not.toMatch(/[\p{Cc}--\n]/v)
})
