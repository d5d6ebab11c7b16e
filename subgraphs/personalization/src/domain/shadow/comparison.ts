import { rankBiasedOverlap } from './rank-biased-overlap.ts'

/** How many items of each list overlap, coverage and popularity shift look at: about what a listener sees at first. */
const TOP = 10

/** Upper bound on the items of a list that are compared. What is further down weighs below 1 % in rank-biased overlap. */
export const COMPARED_DEPTH = 50

/** What the shadow model's list for one request is like, beside the list that the champion served from. */
export type Comparison = {
  /** Share of the first 10 of one list that are in the first 10 of the other, 0 to 1. */
  readonly overlapAt10: number
  /** 0 to 1, over the first 50. */
  readonly rankBiasedOverlap: number
  /**
   * Mean binary logarithm of the popularity of the shadow list's first 10, minus that of the champion's: 1 where its items
   * have twice the listeners. It is the difference of the lists' novelty, mean self-information (Zhou et al. 2010), with
   * the sign turned; the number of users, by which self-information divides, cancels out. Null where a list is empty.
   */
  readonly popularityShift: number | null
  /** The first 10 of the shadow list. */
  readonly shown: readonly string[]
}

/**
 * @param champion best first, without duplicates, and so is `shadow`
 * @param popularityOf above 0, in any unit
 */
export function compareLists(
  champion: readonly string[],
  shadow: readonly string[],
  popularityOf: (itemId: string) => number,
): Comparison {
  const [ofChampion, shown] = [champion.slice(0, TOP), shadow.slice(0, TOP)]
  return {
    overlapAt10: overlap(ofChampion, shown),
    rankBiasedOverlap: rankBiasedOverlap(champion.slice(0, COMPARED_DEPTH), shadow.slice(0, COMPARED_DEPTH)),
    popularityShift:
      ofChampion.length === 0 || shown.length === 0
        ? null
        : meanLog(shown, popularityOf) - meanLog(ofChampion, popularityOf),
    shown,
  }
}

/** Of the longer one, so that a list that is cut short does not agree in full. */
function overlap(a: readonly string[], b: readonly string[]): number {
  const longer = Math.max(a.length, b.length)
  if (longer === 0) return 1
  const inA = new Set(a)
  return b.filter((itemId) => inA.has(itemId)).length / longer
}

function meanLog(itemIds: readonly string[], popularityOf: (itemId: string) => number): number {
  return itemIds.reduce((sum, itemId) => sum + Math.log2(popularityOf(itemId)), 0) / itemIds.length
}
