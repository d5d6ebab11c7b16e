import type { Candidate } from '../candidate.ts'
import type { CandidateList } from '../sources/candidate-list.ts'

/** A candidate and the list that it is taken from. */
export type PoolEntry = { readonly candidate: Candidate; readonly list: CandidateList }

/** The group of an item, of which a slate holds one; null where it has none. */
export type GroupOf = (itemId: string) => string | null

/** The candidates that may fill the next position, each item once, from the first list that holds it. */
export type EligibleSet = {
  size(): number
  at(index: number): PoolEntry
  remove(itemId: string): void
  removeCreator(creator: string): void
  removeGroup(group: string): void
}

/** Random access and removal in constant time; the order is fixed by the lists and the removals. */
export function createEligibleSet(
  lists: readonly CandidateList[],
  mayTake: (candidate: Candidate) => boolean,
  groupOf: GroupOf,
): EligibleSet {
  const entries: PoolEntry[] = []
  const positions = new Map<string, number>()
  const itemsOfCreator = new Map<string, string[]>()
  const itemsOfGroup = new Map<string, string[]>()
  for (const list of lists) {
    for (const candidate of list.candidates) {
      if (positions.has(candidate.itemId) || !mayTake(candidate)) continue
      positions.set(candidate.itemId, entries.length)
      entries.push({ candidate, list })
      note(itemsOfCreator, candidate.creator, candidate.itemId)
      note(itemsOfGroup, groupOf(candidate.itemId), candidate.itemId)
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
    removeGroup(group) {
      for (const itemId of itemsOfGroup.get(group) ?? []) remove(itemId)
    },
  }
}

function note(itemsOf: Map<string, string[]>, key: string | null, itemId: string): void {
  if (key === null) return
  const items = itemsOf.get(key)
  if (items === undefined) itemsOf.set(key, [itemId])
  else items.push(itemId)
}
