import { countDistinct } from '../shadow/distinct-sketch.ts'
import { quantileMs } from '../shadow/latency-histogram.ts'
import { type ArmCounts, type CanaryCounts, mergeArms } from './canary-counts.ts'

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

/** In what the canary does worse than the version in production, each in a sentence; empty while too little is known. */
export function canaryFaults(report: CanaryReport | null, limits: CanaryLimits): readonly string[] {
  if (report === null || canaryShortfalls(report, report.championId, limits).length > 0) return []
  const { canary, champion, championId } = report
  const faults: string[] = []
  const shares = [
    ['failed', canary.failed / canary.lists, champion.failed / champion.lists, limits.maxMoreFailed],
    ['are empty', canary.empty / canary.lists, champion.empty / champion.lists, limits.maxMoreEmpty],
  ] as const
  for (const [what, own, others, margin] of shares) {
    if (own > others + margin) {
      faults.push(
        `${percent(own)} of its canary's lists ${what}, ${percent(others)} of those of ${championId}, and ${percent(margin)} more is the limit`,
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

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
