import type { Comparison } from './comparison.ts'
import { addToSketch, type DistinctSketch, emptySketch, mergeSketches } from './distinct-sketch.ts'
import { bucketOf, emptyHistogram, type LatencyHistogram } from './latency-histogram.ts'

/**
 * How a shadow model can fail a request: it threw, or was not done by its deadline, or its thread ended (out of memory,
 * for example), or it found nothing for somebody whom the champion found something for.
 */
export const SHADOW_FAILURES = ['threw', 'timedOut', 'crashed', 'empty'] as const
export type ShadowFailure = (typeof SHADOW_FAILURES)[number]

/** Sums are kept as whole numbers of millionths, so that adding them up in any order gives the same. */
const PER_ONE = 1_000_000

/**
 * What was counted of a shadow model, of any number of requests, in bounded memory (about 6 KB). Counts of different
 * requests add up (`mergeCounts`).
 */
export type ShadowCounts = {
  /** Requests whose lists were compared. */
  readonly compared: number
  readonly failures: Readonly<Record<ShadowFailure, number>>
  /** Sums over the compared requests, in millionths. */
  readonly overlapAt10: number
  readonly rankBiasedOverlap: number
  readonly popularityShift: number
  /** Of every request that was compared, failed by being empty, or ran into the deadline. */
  readonly latency: LatencyHistogram
  /** The items among the first ten of a list. */
  readonly shown: DistinctSketch
  /** Items of the catalogue, the largest number that was seen. */
  readonly catalogueItems: number
}

export type ShadowCounter = {
  /** @param latencyMs that the model took for the list */
  compared(comparison: Comparison, latencyMs: number, catalogueItems: number): void
  /** @param latencyMs null where it says nothing of the model */
  failed(failure: ShadowFailure, latencyMs: number | null): void
  /** As they are now; they do not change any more. */
  counts(): ShadowCounts
}

/** Every request that was tried, whatever became of it. */
export function requestsOf({ compared, failures }: Pick<ShadowCounts, 'compared' | 'failures'>): number {
  return compared + failuresOf({ failures })
}

export function failuresOf({ failures }: Pick<ShadowCounts, 'failures'>): number {
  return SHADOW_FAILURES.reduce((sum, failure) => sum + failures[failure], 0)
}

/** A sum of millionths as a mean; 0 of nothing. */
export function meanOf(sum: number, count: number): number {
  return count === 0 ? 0 : sum / PER_ONE / count
}

export function createShadowCounter(): ShadowCounter {
  const failures = noFailures()
  const latency = emptyHistogram()
  const shown = emptySketch()
  let sums = { compared: 0, overlapAt10: 0, rankBiasedOverlap: 0, popularityShift: 0, catalogueItems: 0 }

  function took(ms: number): void {
    const bucket = bucketOf(ms)
    latency[bucket] = (latency[bucket] ?? 0) + 1
  }

  return {
    compared(comparison, latencyMs, catalogueItems) {
      sums = {
        compared: sums.compared + 1,
        overlapAt10: sums.overlapAt10 + millionths(comparison.overlapAt10),
        rankBiasedOverlap: sums.rankBiasedOverlap + millionths(comparison.rankBiasedOverlap),
        popularityShift: sums.popularityShift + millionths(comparison.popularityShift ?? 0),
        catalogueItems: Math.max(sums.catalogueItems, catalogueItems),
      }
      for (const itemId of comparison.shown) addToSketch(shown, itemId)
      took(latencyMs)
    },
    failed(failure, latencyMs) {
      failures[failure] += 1
      if (latencyMs !== null) took(latencyMs)
    },
    counts: () => ({ ...sums, failures: { ...failures }, latency: [...latency], shown: shown.slice() }),
  }
}

/** Of both together: associative, and in any order. */
export function mergeCounts(a: ShadowCounts, b: ShadowCounts): ShadowCounts {
  const failures = noFailures()
  for (const failure of SHADOW_FAILURES) failures[failure] = a.failures[failure] + b.failures[failure]
  return {
    compared: a.compared + b.compared,
    failures,
    overlapAt10: a.overlapAt10 + b.overlapAt10,
    rankBiasedOverlap: a.rankBiasedOverlap + b.rankBiasedOverlap,
    popularityShift: a.popularityShift + b.popularityShift,
    latency: a.latency.map((count, bucket) => count + (b.latency[bucket] ?? 0)),
    shown: mergeSketches(a.shown, b.shown),
    catalogueItems: Math.max(a.catalogueItems, b.catalogueItems),
  }
}

function noFailures(): Record<ShadowFailure, number> {
  return { threw: 0, timedOut: 0, crashed: 0, empty: 0 }
}

function millionths(value: number): number {
  return Math.round(value * PER_ONE)
}
