import { expect, test } from 'vitest'
import { sampleArm, sampleCanaryPart } from '../../testing/samples/canary.ts'
import { NOON } from '../../testing/samples/time.ts'
import type { ArmCounts, CanaryCounts } from './canary-counts.ts'
import { canaryFaults, canaryReportOf, canaryShortfalls, DEFAULT_CANARY_LIMITS } from './canary-report.ts'

const CHAMPION = 'item-to-item-v1'

function reportOf(overrides: Partial<CanaryCounts> = {}, lists = 200) {
  return canaryReportOf([sampleCanaryPart(lists, overrides).counts], CHAMPION)
}

/** So many of 200 lists are otherwise. */
function mixed(count: number, otherwise: Parameters<typeof sampleArm>[1]): ArmCounts {
  const good = sampleArm(200 - count)
  const bad = sampleArm(count, otherwise)
  return {
    ...good,
    lists: 200,
    failed: bad.failed,
    empty: bad.empty,
    latency: good.latency.map((n, bucket) => n + (bad.latency[bucket] ?? 0)),
  }
}

const BAD = { itemIds: [] }

test('a report is of all replicas, beside one champion only, whatever their clocks say', () => {
  expect(canaryReportOf([], CHAMPION)).toBeNull()
  const other = { ...sampleCanaryPart(900).counts, championId: 'former-v1', since: NOON + 1 }
  expect(canaryReportOf([other], CHAMPION)).toBeNull()
  const parts = [other, sampleCanaryPart(150).counts, sampleCanaryPart(50).counts]
  const report = canaryReportOf(parts, CHAMPION)
  expect(report).toMatchObject({ championId: CHAMPION, canary: { lists: 200 }, champion: { lists: 200 } })
  // The listeners of the smaller part are among those of the larger.
  expect(Math.abs((report?.canary.listeners ?? 0) - 150)).toBeLessThan(8)
  expect(Math.abs((report?.champion.distinctItems ?? 0) - 300)).toBeLessThan(15)
})

test('it has to be long enough, for both, with enough listeners, beside the version that serves now', () => {
  const shortfalls = (report: ReturnType<typeof reportOf>, championId = CHAMPION) =>
    canaryShortfalls(report, championId, DEFAULT_CANARY_LIMITS)
  expect(shortfalls(reportOf())).toEqual([])
  expect(shortfalls(null)).toEqual([expect.stringMatching(/no canary report/)])
  expect(shortfalls(reportOf(), 'later-v1')).toEqual([
    expect.stringMatching(/beside item-to-item-v1, and later-v1/),
  ])
  expect(shortfalls(reportOf({ canary: sampleArm(199) }))).toEqual([
    'its canary made 199 of at least 200 lists',
  ])
  expect(shortfalls(reportOf({ champion: sampleArm(199) }))).toEqual([
    'item-to-item-v1 beside its canary made 199 of at least 200 lists',
  ])
  expect(shortfalls(reportOf({ canary: sampleArm(200, { listener: 'robot' }) }))).toEqual([
    'its canary served 1 of at least 20 listeners',
  ])
})

test('a canary that does as well, or worse by no more than the margins, is without fault', () => {
  for (const canary of [
    sampleArm(200),
    mixed(2, { failed: true, ...BAD }),
    mixed(10, BAD),
    mixed(2, { ms: 90 }),
  ]) {
    expect(canaryFaults(reportOf({ canary }), DEFAULT_CANARY_LIMITS)).toEqual([])
  }
})

test.each([
  ['fails', mixed(3, { failed: true, ...BAD }), /1\.5 % of its canary's lists failed, 0\.0 % of those/],
  ['finds nothing', mixed(11, BAD), /5\.5 % of its canary's lists are empty/],
  ['is slow', mixed(4, { ms: 90 }), /p99 is 89\.8 ms a list beside 1\.0 ms/],
  ['recommends the same to everybody', sampleArm(200, { itemIds: ['a', 'b'] }), /2 different items beside/],
])('one that %s more often than the champion has a fault', (_, canary, message) => {
  expect(canaryFaults(reportOf({ canary }), DEFAULT_CANARY_LIMITS)).toEqual([expect.stringMatching(message)])
})

test('what the champion suffers too is no fault of the canary', () => {
  const failing = mixed(40, { failed: true, ...BAD })
  expect(canaryFaults(reportOf({ canary: failing, champion: failing }), DEFAULT_CANARY_LIMITS)).toEqual([])
})

test('too few lists say nothing', () => {
  const canary = sampleArm(100, { failed: true, itemIds: [] })
  expect(canaryFaults(reportOf({ canary }, 100), DEFAULT_CANARY_LIMITS)).toEqual([])
})
