import { countDistinct } from './distinct-sketch.ts'
import { quantileMs } from './latency-histogram.ts'
import {
  failuresOf,
  meanOf,
  mergeCounts,
  requestsOf,
  type ShadowCounts,
  type ShadowFailure,
} from './shadow-counts.ts'

/** What a model did in shadow, beside one champion, over all replicas. Means are 0 where no lists were compared. */
export type ShadowReport = {
  /** The version that served what it was compared with; null in reports of earlier releases. */
  readonly championId: string | null
  /** Every request that it was asked, the failed ones included. */
  readonly requests: number
  readonly failures: number
  readonly failuresByKind: Readonly<Record<ShadowFailure, number>>
  /** Mean share of the first 10 items that the champion shows too. */
  readonly overlapAt10: number
  readonly rankBiasedOverlap: number
  /** As `Comparison.popularityShift`; null where no lists were compared. */
  readonly popularityShift: number | null
  /** Share of the catalogue that was among the first 10 of a list, 0 to 1, within about 5 %. */
  readonly coverage: number
  /** CPU time of one list, within 5 %; of a list that ran into the deadline, the deadline. */
  readonly latencyP50Ms: number
  readonly latencyP99Ms: number
}

/** @param parts what each process has counted beside this champion. @returns null where there are none */
export function shadowReportOf(
  parts: readonly ShadowCounts[],
  championId: string | null = null,
): ShadowReport | null {
  const [first, ...others] = parts
  if (first === undefined) return null
  const counts = others.reduce(mergeCounts, first)
  const { compared, catalogueItems } = counts
  return {
    championId,
    requests: requestsOf(counts),
    failures: failuresOf(counts),
    failuresByKind: counts.failures,
    overlapAt10: meanOf(counts.overlapAt10, compared),
    rankBiasedOverlap: meanOf(counts.rankBiasedOverlap, compared),
    popularityShift: compared === 0 ? null : meanOf(counts.popularityShift, compared),
    coverage: catalogueItems === 0 ? 0 : Math.min(1, countDistinct(counts.shown) / catalogueItems),
    latencyP50Ms: quantileMs(counts.latency, 0.5),
    latencyP99Ms: quantileMs(counts.latency, 0.99),
  }
}

/** What a shadow report must show before the model may meet users in an experiment. */
export type ShadowLimits = {
  readonly minRequests: number
  /** Share of the requests, 0 to 1. */
  readonly maxFailureShare: number
  /** Low by default: a better model differs, but one that shares nothing with the champion is most likely broken. */
  readonly minOverlapAt10: number
  readonly maxLatencyP99Ms: number
}

export const DEFAULT_SHADOW_LIMITS: ShadowLimits = {
  minRequests: 200,
  maxFailureShare: 0.01,
  minOverlapAt10: 0.02,
  maxLatencyP99Ms: 20,
}

/** What is missing for the next step, each in a sentence; empty where the report is within the limits. */
export function shadowProblems(
  report: ShadowReport | null,
  limits: ShadowLimits = DEFAULT_SHADOW_LIMITS,
): readonly string[] {
  const { minRequests, maxFailureShare, minOverlapAt10, maxLatencyP99Ms } = limits
  if (report === null) return ['it has no shadow report: no replica has asked it for a list yet']
  const { requests, failures, overlapAt10, latencyP99Ms } = report
  const problems: string[] = []
  if (requests < minRequests)
    problems.push(`it was shadowed on ${requests} of at least ${minRequests} requests`)
  if (requests === 0) return problems
  if (failures / requests > maxFailureShare) {
    problems.push(
      `it failed ${percent(failures / requests)} of its requests, at most ${percent(maxFailureShare)} may fail`,
    )
  }
  if (overlapAt10 < minOverlapAt10) {
    problems.push(`its overlap@10 with the champion is ${overlapAt10.toFixed(3)}, below ${minOverlapAt10}`)
  }
  if (latencyP99Ms > maxLatencyP99Ms) {
    problems.push(`its p99 is ${latencyP99Ms.toFixed(1)} ms a list, above ${maxLatencyP99Ms} ms`)
  }
  return problems
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
