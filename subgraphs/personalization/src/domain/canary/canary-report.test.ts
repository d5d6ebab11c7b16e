import { hashV2 } from '@bulkhead/contracts'
import { expect, test } from 'vitest'
import { sampleArm, sampleCanaryPart } from '../../testing/samples/canary.ts'
import { NOON } from '../../testing/samples/time.ts'
import type { ArmCounts, CanaryCounts } from './canary-counts.ts'
import {
  type CanaryFigures,
  type CanaryReport,
  canaryFaults,
  canaryReportOf,
  canaryShortfalls,
  DEFAULT_CANARY_LIMITS,
  sureCanaryFaults,
} from './canary-report.ts'

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

function reportOfFigures(canary: Partial<CanaryFigures>, champion: Partial<CanaryFigures>): CanaryReport {
  const figures = { lists: 0, listeners: 0, failed: 0, empty: 0, latencyP99Ms: 1, distinctItems: 50 }
  return { championId: CHAMPION, canary: { ...figures, ...canary }, champion: { ...figures, ...champion } }
}

/** How a canary that is equal to the champion is seen every tenth list: some listeners of both get empty lists always. */
function drawCanary(options: {
  readonly seed: string
  readonly listeners: number
  readonly emptyShare: number
  readonly lists: number
}): readonly CanaryReport[] {
  const { seed, listeners, emptyShare, lists } = options
  const arms = { canary: { lists: 0, empty: 0 }, champion: { lists: 0, empty: 0 } }
  const reports: CanaryReport[] = []
  for (let n = 0; n < lists; n++) {
    const arm = n % 2 === 0 ? 'canary' : 'champion'
    const listener = Math.floor(hashV2(`${seed} list`, `${n}`) * listeners)
    arms[arm].lists++
    if (hashV2(`${seed} ${arm}`, `${listener}`) < emptyShare) arms[arm].empty++
    if (n % 10 === 9) {
      const { canary, champion } = arms
      reports.push(reportOfFigures({ ...canary, listeners }, { ...champion, listeners }))
    }
  }
  return reports
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

test('a canary that is equal to the champion is hardly ever switched off, though it may be worse by chance', () => {
  const counts = { switchedOff: 0, worse: 0 }
  for (let canary = 0; canary < 200; canary++) {
    const fates = drawCanary({ seed: `canary ${canary}`, listeners: 50, emptyShare: 0.1, lists: 1_000 })
    if (fates.some((report) => sureCanaryFaults(report, DEFAULT_CANARY_LIMITS).length > 0))
      counts.switchedOff++
    if (fates.some((report) => canaryFaults(report, DEFAULT_CANARY_LIMITS).length > 0)) counts.worse++
  }
  expect(counts.worse).toBeGreaterThan(40)
  expect(counts.switchedOff).toBeLessThan(6)
})

test.each([
  ['fails', { failed: 40 }, { failed: 0 }],
  ['is empty', { empty: 80 }, { empty: 20 }],
])('one that surely %s more often is switched off as soon as there are enough lists', (_, own, others) => {
  const report = reportOfFigures(
    { lists: 200, listeners: 150, ...own },
    { lists: 200, listeners: 150, ...others },
  )
  expect(sureCanaryFaults(report, DEFAULT_CANARY_LIMITS)).toHaveLength(1)
  const few = reportOfFigures(
    { lists: 199, listeners: 150, ...own },
    { lists: 200, listeners: 150, ...others },
  )
  expect(sureCanaryFaults(few, DEFAULT_CANARY_LIMITS)).toEqual([])
})

test('many lists of few listeners make nothing sure', () => {
  const counts = { lists: 2_000, listeners: 20 }
  const report = reportOfFigures({ ...counts, empty: 300 }, { ...counts, empty: 100 })
  expect(canaryFaults(report, DEFAULT_CANARY_LIMITS)).toHaveLength(1)
  expect(sureCanaryFaults(report, DEFAULT_CANARY_LIMITS)).toEqual([])
})

test('what the champion suffers too is no fault of the canary', () => {
  const failing = mixed(40, { failed: true, ...BAD })
  expect(canaryFaults(reportOf({ canary: failing, champion: failing }), DEFAULT_CANARY_LIMITS)).toEqual([])
})

test('too few lists say nothing', () => {
  const canary = sampleArm(100, { failed: true, itemIds: [] })
  expect(canaryFaults(reportOf({ canary }, 100), DEFAULT_CANARY_LIMITS)).toEqual([])
})
