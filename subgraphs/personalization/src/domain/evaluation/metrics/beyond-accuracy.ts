/** Share of the target's genres that is mixed into the list's, so that a genre the list lacks has no infinite weight. */
const SMOOTHING = 0.01

/**
 * Novelty of a list: the mean self-information of its items, -log2(share of the users who had the item), in bits (Zhou et
 * al. 2010; Vargas and Castells 2011). The larger, the less known are the items. An item that nobody had counts as had by
 * one user. Null for an empty list.
 * @param popularities by rank: how many users had the item
 * @param users number of all users
 */
export function novelty(popularities: readonly number[], users: number): number | null {
  if (popularities.length === 0) return null
  let bits = 0
  for (const popularity of popularities) bits += Math.log2(users / Math.max(1, popularity))
  return bits / popularities.length
}

/**
 * Intra-list diversity: the mean distance of two items of the list (Ziegler et al. 2005, as a distance), where the
 * distance is 1 - |common categories| / |categories of either| (Jaccard). 0: all have the same categories; 1: no two have
 * one in common. By categories and not by the vectors of a model, so that it means the same for every model. Items
 * without categories are left out; null where fewer than two are left.
 * @param lists by rank: the item's categories, each once
 */
export function intraListDiversity(lists: readonly (readonly string[])[]): number | null {
  const known = lists.filter((categories) => categories.length > 0).map((categories) => new Set(categories))
  if (known.length < 2) return null
  let distance = 0
  for (const [index, one] of known.entries()) {
    for (let other = index + 1; other < known.length; other++) {
      distance += jaccardDistance(one, known[other] ?? one)
    }
  }
  return distance / ((known.length * (known.length - 1)) / 2)
}

function jaccardDistance(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  let common = 0
  for (const category of one) if (other.has(category)) common++
  return 1 - common / (one.size + other.size - common)
}

/** How much of a list or a history belongs to each category; the shares sum to 1. */
export type CategoryShares = ReadonlyMap<string, number>

/** Each item shares out 1 among its categories evenly. Items without categories are left out; null where none is left. */
export function categoryShares(lists: readonly (readonly string[])[]): CategoryShares | null {
  const shares = new Map<string, number>()
  const items = lists.filter((categories) => categories.length > 0)
  for (const categories of items) {
    const part = 1 / (categories.length * items.length)
    for (const category of categories) shares.set(category, (shares.get(category) ?? 0) + part)
  }
  return items.length === 0 ? null : shares
}

/**
 * Miscalibration (Steck 2018, "Calibrated recommendations"): the Kullback-Leibler divergence, in nats, of the list's
 * categories q from those of the user's history p:
 *
 *     sum over c of p(c) ln(p(c) / q'(c)),   q'(c) = .99 q(c) + .01 p(c)
 *
 * 0: the list has the categories in the proportions of the history; the smaller the better, at most ln 100 = 4.61.
 */
export function miscalibration(history: CategoryShares, list: CategoryShares): number {
  let divergence = 0
  for (const [category, share] of history) {
    const smoothed = (1 - SMOOTHING) * (list.get(category) ?? 0) + SMOOTHING * share
    divergence += share * Math.log(share / smoothed)
  }
  // Rounding may leave a little less than 0 for equal shares.
  return Math.max(0, divergence)
}
