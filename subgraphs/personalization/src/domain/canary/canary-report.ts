import { countDistinct } from '../shadow/distinct-sketch.ts'
import { quantileMs } from '../shadow/latency-histogram.ts'
import { type ArmCounts, type CanaryCounts, mergeArms } from './canary-counts.ts'
import { leastDifference, type Share } from './share-difference.ts'

/** How the lists of one model came out. */
export type CanaryFigures = {
  readonly lists: number
  /** About how many listeners got them, within 5 %. */
  readonly listeners: number
  readonly failed: number
  /** Had nothing to recommend, although no filter took it. */
  readonly empty: number
  /** CPU time of a list, within 5 %. */
  readonly latencyP99Ms: number
  /** About how many different items were among the first ten, within 5 %. */
  readonly distinctItems: number
}

/** How a canary did beside the version in production, at the same time, over all replicas. */
export type CanaryReport = {
  readonly championId: string
  readonly canary: CanaryFigures
  /** Of the version in production, on a share of listeners that is as large. */
  readonly champion: CanaryFigures
}

/** What a canary must show before it may replace the version in production. Data. */
export type CanaryLimits = {
  /** Of each of the two. */
  readonly minLists: number
  readonly minListeners: number
  /** How much larger the share of failed and of empty lists may be than the champion's, 0 to 1. */
  readonly maxMoreFailed: number
  readonly maxMoreEmpty: number
  /** How many times as long a list may take, and what is never too long, milliseconds of CPU time. */
  readonly maxTimesLatency: number
  readonly alwaysFastMs: number
  /** Least number of different items, as a share of the champion's. */
  readonly minDistinctShare: number
}

export const DEFAULT_CANARY_LIMITS: CanaryLimits = {
  minLists: 200,
  minListeners: 20,
  maxMoreFailed: 0.01,
  maxMoreEmpty: 0.05,
  maxTimesLatency: 2,
  alwaysFastMs: 5,
  minDistinctShare: 0.5,
}

/**
 * @param parts what each process has counted; only those beside this champion count
 * @returns null where there are none
 */
export function canaryReportOf(parts: readonly CanaryCounts[], championId: string): CanaryReport | null {
  const [first, ...others] = parts.filter((part) => part.championId === championId)
  if (first === undefined) return null
  return {
    championId,
    canary: figuresOf(others.reduce((sum, { canary }) => mergeArms(sum, canary), first.canary)),
    champion: figuresOf(others.reduce((sum, { champion }) => mergeArms(sum, champion), first.champion)),
  }
}

function figuresOf({ lists, failed, empty, latency, shown, listeners }: ArmCounts): CanaryFigures {
  return {
    lists,
    listeners: countDistinct(listeners),
    failed,
    empty,
    latencyP99Ms: quantileMs(latency, 0.99),
    distinctItems: countDistinct(shown),
  }
}

/** What the canary has not shown yet, each in a sentence; empty where it was long enough. */
export function canaryShortfalls(
  report: CanaryReport | null,
  championId: string,
  { minLists, minListeners }: Pick<CanaryLimits, 'minLists' | 'minListeners'>,
): readonly string[] {
  if (report === null) return ['it has no canary report: no replica has served its lists yet']
  if (report.championId !== championId) {
    return [`its canary was beside ${report.championId}, and ${championId} serves now`]
  }
  return (['canary', 'champion'] as const).flatMap((arm) => {
    const { lists, listeners } = report[arm]
    const whose = arm === 'canary' ? 'its canary' : `${championId} beside its canary`
    return [
      ...(lists < minLists ? [`${whose} made ${lists} of at least ${minLists} lists`] : []),
      ...(listeners < minListeners
        ? [`${whose} served ${listeners} of at least ${minListeners} listeners`]
        : []),
    ]
  })
}

/** By how much a share of the canary's lists is larger than the champion's. */
type MoreOf = (canary: Share, champion: Share) => number

/**
 * In what the canary has done worse than the version in production so far, each in a sentence; empty while too little is
 * known. It is not promoted while there is any.
 */
export function canaryFaults(report: CanaryReport | null, limits: CanaryLimits): readonly string[] {
  return faultsBy((canary, champion) => canary.share - champion.share, report, limits)
}

/**
 * Those faults for which it is switched off for good. The two have different listeners and are compared every second, so of
 * two equal models one soon is empty or fails more often by chance: here the lower bound of the difference decides.
 */
export function sureCanaryFaults(report: CanaryReport | null, limits: CanaryLimits): readonly string[] {
  return faultsBy(leastDifference, report, limits)
}

function faultsBy(moreOf: MoreOf, report: CanaryReport | null, limits: CanaryLimits): readonly string[] {
  if (report === null || canaryShortfalls(report, report.championId, limits).length > 0) return []
  const { canary, champion, championId } = report
  const faults: string[] = []
  const kinds = [
    ['failed', 'failed', limits.maxMoreFailed],
    ['are empty', 'empty', limits.maxMoreEmpty],
  ] as const
  for (const [what, kind, margin] of kinds) {
    const own = shareOf(canary, kind)
    const others = shareOf(champion, kind)
    if (moreOf(own, others) > margin) {
      faults.push(
        `${percent(own.share)} of its canary's lists ${what}, ${percent(others.share)} of those of ${championId}, and ${percent(margin)} more is the limit`,
      )
    }
  }
  const longest = Math.max(limits.alwaysFastMs, limits.maxTimesLatency * champion.latencyP99Ms)
  if (canary.latencyP99Ms > longest) {
    faults.push(
      `its canary's p99 is ${canary.latencyP99Ms.toFixed(1)} ms a list beside ${champion.latencyP99Ms.toFixed(1)} ms of ${championId}, and ${longest.toFixed(1)} ms is the limit`,
    )
  }
  const least = limits.minDistinctShare * champion.distinctItems
  if (canary.distinctItems < least) {
    faults.push(
      `its canary's lists have ${canary.distinctItems} different items beside ${champion.distinctItems} of ${championId}, and ${Math.ceil(least)} is the least`,
    )
  }
  return faults
}

/** Lists of one listener mostly come out alike, so that only listeners say how sure the share is. */
function shareOf({ lists, listeners, ...counts }: CanaryFigures, kind: 'failed' | 'empty'): Share {
  return { share: counts[kind] / lists, units: Math.min(lists, listeners) }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
