/** What a model's lists have to keep to while it serves users. Data. */
export type GuardrailLimits = {
  /** How far back it looks, milliseconds. */
  readonly windowMs: number
  /** With fewer lists in the window, failed, empty and slow lists are not judged. */
  readonly minLists: number
  /** Shares of the lists in the window, 0 to 1; above them the model is switched off. */
  readonly maxFailed: number
  readonly maxEmpty: number
  readonly maxSlow: number
  /** A list that takes more CPU time is slow, milliseconds. */
  readonly slowMs: number
  /**
   * Lists with items are looked at in batches of so many, whose first ten have to hold at least `minDistinctItems` items
   * together, or a tenth of those that the model knows where that is less.
   */
  readonly coverageLists: number
  readonly minDistinctItems: number
}

export const DEFAULT_GUARDRAILS: GuardrailLimits = {
  windowMs: 5_000,
  minLists: 20,
  maxFailed: 0.05,
  maxEmpty: 0.5,
  maxSlow: 0.05,
  slowMs: 50,
  coverageLists: 200,
  minDistinctItems: 30,
}

/** How one list came out. */
export type ListOutcome = {
  /** Whom the list was made for. Each listener counts once in each tenth of the window. */
  readonly listener: string
  readonly failed: boolean
  /** Ids of its items, at least the first ten; none where it failed. */
  readonly itemIds: readonly string[]
  /** CPU time. */
  readonly ms: number
}

export type ModelWindow = {
  /** @param now milliseconds of a clock that does not go back */
  add(now: number, outcome: ListOutcome): void
  /** Why the model has to be switched off, in a sentence; null while it need not. */
  problem(now: number): string | null
}

type Bucket = {
  readonly start: number
  readonly listeners: Set<string>
  lists: number
  failed: number
  empty: number
  slow: number
}

const BUCKETS = 10
/** About what a listener sees at first: coverage looks at no more of a list. */
export const SHOWN = 10
/** Upper bound on the listeners that a bucket tells apart. */
const MAX_LISTENERS = 1_000

/**
 * The lists of one model over the last seconds, in a bounded number of counters.
 * @param itemCount items that the model knows
 */
export function createModelWindow(limits: GuardrailLimits, itemCount: number): ModelWindow {
  const leastItems = Math.min(limits.minDistinctItems, Math.ceil(itemCount / 10))
  const bucketMs = limits.windowMs / BUCKETS
  let buckets: readonly Bucket[] = []
  let batch = { lists: 0, items: new Set<string>() }
  let lastCoverage: number | null = null

  function recent(now: number): readonly Bucket[] {
    return buckets.filter(({ start }) => start > now - limits.windowMs)
  }

  function bucketAt(now: number): Bucket {
    const start = Math.floor(now / bucketMs) * bucketMs
    const newest = buckets.at(-1)
    if (newest?.start === start) return newest
    const added: Bucket = { start, listeners: new Set(), lists: 0, failed: 0, empty: 0, slow: 0 }
    buckets = [...recent(now), added]
    return added
  }

  function countItems(itemIds: readonly string[]): void {
    for (const id of itemIds.slice(0, SHOWN)) batch.items.add(id)
    batch.lists++
    if (batch.lists < limits.coverageLists) return
    lastCoverage = batch.items.size
    batch = { lists: 0, items: new Set() }
  }

  return {
    add(now, { listener, failed, itemIds, ms }) {
      const bucket = bucketAt(now)
      if (bucket.listeners.has(listener)) return
      if (bucket.listeners.size < MAX_LISTENERS) bucket.listeners.add(listener)
      bucket.lists++
      if (ms > limits.slowMs) bucket.slow++
      if (failed) bucket.failed++
      else if (itemIds.length === 0) bucket.empty++
      else countItems(itemIds)
    },

    problem(now) {
      const total = { lists: 0, failed: 0, empty: 0, slow: 0 }
      for (const { lists, failed, empty, slow } of recent(now)) {
        total.lists += lists
        total.failed += failed
        total.empty += empty
        total.slow += slow
      }
      if (total.lists >= limits.minLists) {
        const kinds = [
          ['failed', total.failed, limits.maxFailed],
          ['were empty', total.empty, limits.maxEmpty],
          [`took more than ${limits.slowMs} ms of CPU time`, total.slow, limits.maxSlow],
        ] as const
        for (const [what, count, max] of kinds) {
          if (count > max * total.lists) {
            return `${count} of its last ${total.lists} lists ${what}, and ${max * 100}% is the limit`
          }
        }
      }
      if (lastCoverage !== null && lastCoverage < leastItems) {
        return `${limits.coverageLists} of its lists had ${lastCoverage} different items, and ${leastItems} is the least`
      }
      return null
    },
  }
}
