import type { ListOutcome } from '../guardrails/model-window.ts'
import { addToSketch, type DistinctSketch, emptySketch, mergeSketches } from '../shadow/distinct-sketch.ts'
import { bucketOf, emptyHistogram, type LatencyHistogram } from '../shadow/latency-histogram.ts'

/** What was counted of the lists of one model, in bounded memory (about 9 KB). */
export type ArmCounts = {
  readonly lists: number
  readonly failed: number
  readonly empty: number
  /** CPU time of each list. */
  readonly latency: LatencyHistogram
  /** Items among the first ten of a list. */
  readonly shown: DistinctSketch
  readonly listeners: DistinctSketch
}

/**
 * What a process has counted of a canary, and at the same time of the version in production, on a share of listeners that is
 * as large.
 */
export type CanaryCounts = {
  /** The version in production. */
  readonly championId: string
  /** When the process began to compare the two, epoch milliseconds. */
  readonly since: number
  readonly canary: ArmCounts
  readonly champion: ArmCounts
}

export type ArmCounter = {
  add(outcome: ListOutcome): void
  /** As they are now; they do not change any more. */
  counts(): ArmCounts
}

/** About what a listener sees at first. */
const SHOWN = 10

export function createArmCounter(): ArmCounter {
  const latency = emptyHistogram()
  const shown = emptySketch()
  const listeners = emptySketch()
  const sums = { lists: 0, failed: 0, empty: 0 }
  return {
    add({ listener, failed, itemIds, ms }) {
      sums.lists++
      if (failed) sums.failed++
      else if (itemIds.length === 0) sums.empty++
      const bucket = bucketOf(ms)
      latency[bucket] = (latency[bucket] ?? 0) + 1
      addToSketch(listeners, listener)
      for (const itemId of itemIds.slice(0, SHOWN)) addToSketch(shown, itemId)
    },
    counts: () => ({ ...sums, latency: [...latency], shown: shown.slice(), listeners: listeners.slice() }),
  }
}

/** Of both together: associative, and in any order. */
export function mergeArms(a: ArmCounts, b: ArmCounts): ArmCounts {
  return {
    lists: a.lists + b.lists,
    failed: a.failed + b.failed,
    empty: a.empty + b.empty,
    latency: a.latency.map((count, bucket) => count + (b.latency[bucket] ?? 0)),
    shown: mergeSketches(a.shown, b.shown),
    listeners: mergeSketches(a.listeners, b.listeners),
  }
}

/** Every list that was counted: more of them is newer. */
export function listsOf({ canary, champion }: Pick<CanaryCounts, 'canary' | 'champion'>): number {
  return canary.lists + champion.lists
}
