import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareLists } from './comparison.ts'
import { createShadowCounter, mergeCounts, SHADOW_FAILURES, type ShadowCounts } from './shadow-counts.ts'
import { DEFAULT_SHADOW_LIMITS, type ShadowReport, shadowProblems, shadowReportOf } from './shadow-report.ts'

const LIST = fc.uniqueArray(fc.constantFrom(...'abcdefghijklmnop'), { maxLength: 12 })
const REQUEST = fc.oneof(
  fc.record({ champion: LIST, shadow: LIST, ms: fc.double({ min: 0, max: 1_000, noNaN: true }) }),
  fc.constantFrom(...SHADOW_FAILURES),
)
type Request = typeof REQUEST extends fc.Arbitrary<infer T> ? T : never

function countsOf(requests: readonly Request[]): ShadowCounts {
  const counter = createShadowCounter()
  for (const request of requests) {
    if (typeof request === 'string') counter.failed(request, request === 'timedOut' ? 500 : null)
    else
      counter.compared(
        compareLists(request.champion, request.shadow, (id) => id.charCodeAt(0)),
        request.ms,
        20,
      )
  }
  return counter.counts()
}

test('however requests are divided among replicas, and in whatever order they are merged, the counts are the same', () => {
  fc.assert(
    fc.property(fc.array(REQUEST, { maxLength: 30 }), fc.nat(30), fc.nat(30), (requests, at, length) => {
      const parts = [requests.slice(0, at), requests.slice(at, at + length), requests.slice(at + length)]
      const [a, b, c] = parts.map(countsOf) as [ShadowCounts, ShadowCounts, ShadowCounts]
      const whole = countsOf(requests)
      expect(mergeCounts(a, mergeCounts(b, c))).toEqual(whole)
      expect(mergeCounts(mergeCounts(c, a), b)).toEqual(whole)
      expect(shadowReportOf([b, c, a])).toEqual(shadowReportOf([whole]))
    }),
  )
})

test('the report has the means, the quantiles and every failure', () => {
  const same = { champion: ['a', 'b'], shadow: ['a', 'b'], ms: 1 }
  const other = { champion: ['a', 'b'], shadow: ['c', 'd'], ms: 4 }
  const report = shadowReportOf([
    countsOf([same, other, 'threw']),
    countsOf([same, 'empty', 'timedOut', 'crashed']),
  ])
  expect(report).toMatchObject({
    requests: 7,
    failures: 4,
    failuresByKind: { threw: 1, empty: 1, timedOut: 1, crashed: 1 },
    overlapAt10: expect.closeTo(2 / 3, 5),
    rankBiasedOverlap: expect.closeTo(2 / 3, 5),
    coverage: 4 / 20,
  })
  expect(Math.abs((report?.latencyP50Ms ?? 0) - 1)).toBeLessThan(0.05)
  expect(Math.abs((report?.latencyP99Ms ?? 0) - 500)).toBeLessThan(25)
  const shift = Math.log2(99) + Math.log2(100) - Math.log2(97) - Math.log2(98)
  expect(report?.popularityShift).toBeCloseTo(shift / 2 / 3, 5)
})

test('counts that were given do not change with later requests', () => {
  const counter = createShadowCounter()
  counter.failed('threw', 1)
  const before = counter.counts()
  const copy = structuredClone(before)
  counter.compared(
    compareLists(['a'], ['b'], () => 1),
    3,
    5,
  )
  counter.failed('empty', 2)
  expect(before).toEqual(copy)
})

test('nothing counted is no report, and only failures are no agreement', () => {
  expect(shadowReportOf([])).toBeNull()
  expect(shadowReportOf([countsOf(['threw'])])).toMatchObject({
    overlapAt10: 0,
    popularityShift: null,
    coverage: 0,
  })
})

const GOOD: ShadowReport = {
  championId: 'champion-v1',
  requests: DEFAULT_SHADOW_LIMITS.minRequests,
  failures: 0,
  failuresByKind: { threw: 0, timedOut: 0, crashed: 0, empty: 0 },
  overlapAt10: DEFAULT_SHADOW_LIMITS.minOverlapAt10,
  rankBiasedOverlap: 0.1,
  popularityShift: -3,
  coverage: 0.2,
  latencyP50Ms: 1,
  latencyP99Ms: DEFAULT_SHADOW_LIMITS.maxLatencyP99Ms,
}

test('a report at the limits has no problem', () => {
  expect(shadowProblems(GOOD)).toEqual([])
  expect(
    shadowProblems({ ...GOOD, failures: DEFAULT_SHADOW_LIMITS.maxFailureShare * GOOD.requests }),
  ).toEqual([])
})

test.each([
  ['no report', null, /no shadow report/],
  ['too few requests', { requests: 199 }, /199 of at least 200/],
  ['too many failures', { failures: 3 }, /failed 1\.5 % .* at most 1\.0 %/],
  ['too little overlap', { overlapAt10: 0.019 }, /overlap@10 .* 0\.019, below 0\.02/],
  ['too slow', { latencyP99Ms: 20.5 }, /p99 is 20\.5 ms .* above 20 ms/],
])('%s is a problem by itself', (_, change, problem) => {
  expect(shadowProblems(change === null ? null : { ...GOOD, ...change })).toEqual([
    expect.stringMatching(problem),
  ])
})

test('one that was never asked has no other problem than that', () => {
  expect(shadowProblems({ ...GOOD, requests: 0, overlapAt10: 0 })).toHaveLength(1)
})
