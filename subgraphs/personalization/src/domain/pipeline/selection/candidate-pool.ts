import type { Candidate } from '../candidate.ts'
import type { CandidateList } from '../sources/candidate-list.ts'

/** A candidate and the list that it is taken from. */
export type PoolEntry = { readonly candidate: Candidate; readonly list: CandidateList }

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
 * With `maxPerCreator`, items of a creator that has so many positions may not be chosen, until nothing else is left in
 * any list; from then on the limit is off.
 *
 * What the pool answers depends on nothing but the lists and what was taken so far.
 */
export function createCandidatePool(
  lists: readonly CandidateList[],
  maxPerCreator: number | null,
): CandidatePool {
  const taken = new Set<string>()
  const takenOfCreator = new Map<string, number>()
  const cursors = lists.map((list) => ({ list, next: 0, taken: 0 }))
  const weighted = cursors.filter(({ list }) => list.weight > 0)
  const fillers = cursors.filter(({ list }) => list.weight === 0)
  const totalWeight = weighted.reduce((sum, { list }) => sum + list.weight, 0)
  let limit = maxPerCreator
  // Built when it is first asked for: without exploration nobody needs it.
  let eligible: EligibleSet | null = null

  const atLimit = (creator: string | null): boolean =>
    limit !== null && creator !== null && (takenOfCreator.get(creator) ?? 0) >= limit

  const mayTake = ({ itemId, creator }: Candidate): boolean => !taken.has(itemId) && !atLimit(creator)

  /** A candidate that may not be taken now may not be taken later, until the limit is lifted: no need to look back. */
  function head(cursor: (typeof cursors)[number]): Candidate | null {
    const { candidates } = cursor.list
    for (; cursor.next < candidates.length; cursor.next++) {
      const candidate = candidates[cursor.next]
      if (candidate !== undefined && mayTake(candidate)) return candidate
    }
    return null
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
    for (const cursor of cursors) cursor.next = 0
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
    eligible ??= createEligibleSet(lists, mayTake)
    return eligible
  }

  return {
    greedy,
    eligibleCount: () => eligibleSet().size(),
    eligibleAt: (index) => eligibleSet().at(index),
    take({ candidate, list }) {
      taken.add(candidate.itemId)
      const cursor = cursors.find((known) => known.list === list)
      if (cursor !== undefined) cursor.taken++
      eligible?.remove(candidate.itemId)
      const { creator } = candidate
      if (creator === null) return
      takenOfCreator.set(creator, (takenOfCreator.get(creator) ?? 0) + 1)
      if (atLimit(creator)) eligible?.removeCreator(creator)
    },
  }
}

type EligibleSet = {
  size(): number
  at(index: number): PoolEntry
  remove(itemId: string): void
  removeCreator(creator: string): void
}

/** Random access and removal in constant time; the order is fixed by the lists and the removals. */
function createEligibleSet(
  lists: readonly CandidateList[],
  mayTake: (candidate: Candidate) => boolean,
): EligibleSet {
  const entries: PoolEntry[] = []
  const positions = new Map<string, number>()
  const itemsOfCreator = new Map<string, string[]>()
  for (const list of lists) {
    for (const candidate of list.candidates) {
      if (positions.has(candidate.itemId) || !mayTake(candidate)) continue
      positions.set(candidate.itemId, entries.length)
      entries.push({ candidate, list })
      if (candidate.creator === null) continue
      const items = itemsOfCreator.get(candidate.creator)
      if (items === undefined) itemsOfCreator.set(candidate.creator, [candidate.itemId])
      else items.push(candidate.itemId)
    }
  }

  function remove(itemId: string): void {
    const position = positions.get(itemId)
    if (position === undefined) return
    positions.delete(itemId)
    const last = entries.pop()
    if (last === undefined || last.candidate.itemId === itemId) return
    entries[position] = last
    positions.set(last.candidate.itemId, position)
  }

  return {
    size: () => entries.length,
    at(index) {
      const entry = entries[index]
      if (entry === undefined) throw new RangeError(`no eligible candidate at ${index}`)
      return entry
    },
    remove,
    removeCreator(creator) {
      for (const itemId of itemsOfCreator.get(creator) ?? []) remove(itemId)
    },
  }
}

/** How many items the lists can fill under the limit; stops counting at `wanted`. */
export function countFillable(
  lists: readonly CandidateList[],
  maxPerCreator: number | null,
  wanted: number,
): number {
  const seen = new Set<string>()
  const ofCreator = new Map<string, number>()
  let count = 0
  for (const { candidates } of lists) {
    for (const { itemId, creator } of candidates) {
      if (count >= wanted) return count
      if (seen.has(itemId)) continue
      seen.add(itemId)
      if (maxPerCreator !== null && creator !== null) {
        const already = ofCreator.get(creator) ?? 0
        if (already >= maxPerCreator) continue
        ofCreator.set(creator, already + 1)
      }
      count++
    }
  }
  return count
}
