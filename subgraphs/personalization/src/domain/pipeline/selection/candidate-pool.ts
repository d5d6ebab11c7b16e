import type { Candidate } from '../candidate.ts'
import type { CandidateList } from '../sources/candidate-list.ts'
import { createEligibleSet, type EligibleSet, type GroupOf, type PoolEntry } from './eligible-set.ts'
import type { Reranker } from './reranker.ts'

export type PoolRules = {
  readonly maxPerCreator: number | null
  readonly groupOf?: GroupOf
  /** Chooses within a list, where its own order does not decide. */
  readonly createReranker?: (() => Reranker) | null
}

/** Candidates of a list that the reranker compares for a position: what is far behind them is not reached for. */
const RERANKED = 100

/** What is left to choose from while a slate fills. */
export type CandidatePool = {
  /** The entry that is due by the mix, or null when nothing is left. */
  greedy(): PoolEntry | null
  /** How many items may fill the next position. */
  eligibleCount(): number
  /** One of them, `index` below `eligibleCount()`; each item once, from the first list that holds it. */
  eligibleAt(index: number): PoolEntry
  take(entry: PoolEntry): void
}

/**
 * Chooses among the lists by deficit round robin: a position goes to the list that is furthest behind its share of the
 * positions so far, the earlier list where two are equally far. Lists of weight 0 come after all others, in order.
 *
 * Within a list the first candidate that may be taken is due, or the one that the reranker values most among the first
 * `RERANKED`.
 *
 * Of items of one group, one may be taken. With `maxPerCreator`, items of a creator that has so many positions may not be chosen, until nothing else is left in
 * any list; from then on the limit is off.
 *
 * What the pool answers depends on nothing but the lists and what was taken so far.
 */
export function createCandidatePool(
  lists: readonly CandidateList[],
  { maxPerCreator, groupOf = NO_GROUPS, createReranker = null }: PoolRules,
): CandidatePool {
  const taken = new Set<string>()
  const takenGroups = new Set<string>()
  const reranker = createReranker === null ? null : createReranker()
  const takenOfCreator = new Map<string, number>()
  const cursors = lists.map((list) => ({
    list,
    next: 0,
    taken: 0,
    /** Remembered until something is taken. */
    head: undefined as Candidate | null | undefined,
  }))
  const weighted = cursors.filter(({ list }) => list.weight > 0)
  const fillers = cursors.filter(({ list }) => list.weight === 0)
  const totalWeight = weighted.reduce((sum, { list }) => sum + list.weight, 0)
  let limit = maxPerCreator
  // Built when it is first asked for: without exploration nobody needs it.
  let eligible: EligibleSet | null = null

  const atLimit = (creator: string | null): boolean =>
    limit !== null && creator !== null && (takenOfCreator.get(creator) ?? 0) >= limit

  function mayTake({ itemId, creator }: Candidate): boolean {
    if (taken.has(itemId) || atLimit(creator)) return false
    if (takenGroups.size === 0) return true
    const group = groupOf(itemId)
    return group === null || !takenGroups.has(group)
  }

  /** A candidate that may not be taken now may not be taken later, until the limit is lifted: no need to look back. */
  function head(cursor: (typeof cursors)[number]): Candidate | null {
    if (cursor.head !== undefined) return cursor.head
    const { candidates } = cursor.list
    let first: Candidate | null = null
    for (; first === null && cursor.next < candidates.length; cursor.next++) {
      const candidate = candidates[cursor.next]
      if (candidate !== undefined && mayTake(candidate)) first = candidate
    }
    // Back at the candidate that was found, which may stay.
    if (first !== null) cursor.next--
    cursor.head = first === null || reranker === null ? first : mostValued(cursor, first, reranker)
    return cursor.head
  }

  function mostValued(
    { list, next }: (typeof cursors)[number],
    first: Candidate,
    { value }: Reranker,
  ): Candidate {
    let best = first
    let highest = value(first, list)
    let compared = 1
    for (let at = next + 1; at < list.candidates.length && compared < RERANKED; at++) {
      const candidate = list.candidates[at]
      if (candidate === undefined || !mayTake(candidate)) continue
      compared++
      const its = value(candidate, list)
      if (its <= highest) continue
      best = candidate
      highest = its
    }
    return best
  }

  function due(): PoolEntry | null {
    const positions = weighted.reduce((sum, cursor) => sum + cursor.taken, 1)
    let best: PoolEntry | null = null
    let largest = Number.NEGATIVE_INFINITY
    for (const cursor of weighted) {
      const candidate = head(cursor)
      const deficit = (cursor.list.weight / totalWeight) * positions - cursor.taken
      if (candidate === null || deficit <= largest) continue
      best = { candidate, list: cursor.list }
      largest = deficit
    }
    if (best !== null) return best
    for (const cursor of fillers) {
      const candidate = head(cursor)
      if (candidate !== null) return { candidate, list: cursor.list }
    }
    return null
  }

  function liftLimit(): void {
    limit = null
    eligible = null
    for (const cursor of cursors) {
      cursor.next = 0
      cursor.head = undefined
    }
  }

  function greedy(): PoolEntry | null {
    const entry = due()
    if (entry !== null || limit === null) return entry
    liftLimit()
    return due()
  }

  function eligibleSet(): EligibleSet {
    // `greedy` lifts the limit when only items over the limit are left.
    greedy()
    eligible ??= createEligibleSet(lists, mayTake, groupOf)
    return eligible
  }

  return {
    greedy,
    eligibleCount: () => eligibleSet().size(),
    eligibleAt: (index) => eligibleSet().at(index),
    take({ candidate, list }) {
      taken.add(candidate.itemId)
      reranker?.taken(candidate)
      for (const one of cursors) one.head = undefined
      const cursor = cursors.find((known) => known.list === list)
      if (cursor !== undefined) cursor.taken++
      eligible?.remove(candidate.itemId)
      const group = groupOf(candidate.itemId)
      if (group !== null) {
        takenGroups.add(group)
        eligible?.removeGroup(group)
      }
      const { creator } = candidate
      if (creator === null) return
      takenOfCreator.set(creator, (takenOfCreator.get(creator) ?? 0) + 1)
      if (atLimit(creator)) eligible?.removeCreator(creator)
    },
  }
}

/** How many items the lists can fill under the limit; stops counting at `wanted`. */
export function countFillable(
  lists: readonly CandidateList[],
  { maxPerCreator, groupOf = NO_GROUPS }: Pick<PoolRules, 'maxPerCreator' | 'groupOf'>,
  wanted: number,
): number {
  const seen = new Set<string>()
  const seenGroups = new Set<string>()
  const ofCreator = new Map<string, number>()
  let count = 0
  for (const { candidates } of lists) {
    for (const { itemId, creator } of candidates) {
      if (count >= wanted) return count
      if (seen.has(itemId)) continue
      seen.add(itemId)
      const group = groupOf(itemId)
      if (group !== null && seenGroups.has(group)) continue
      if (maxPerCreator !== null && creator !== null) {
        const already = ofCreator.get(creator) ?? 0
        if (already >= maxPerCreator) continue
        ofCreator.set(creator, already + 1)
      }
      if (group !== null) seenGroups.add(group)
      count++
    }
  }
  return count
}

const NO_GROUPS: GroupOf = () => null
