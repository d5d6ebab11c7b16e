import type { HistoryItem } from '../../model-candidate.ts'
import type { RerankParameters } from '../assignment/serving-parameters.ts'
import type { Candidate } from '../candidate.ts'
import type { CandidateList } from '../sources/candidate-list.ts'

/** Values candidates by what was picked before. Pure but for the picks that it is told. */
export type Reranker = {
  /** Comparable between candidates of one list for one position. */
  readonly value: (candidate: Candidate, list: CandidateList) => number
  taken(candidate: Candidate): void
}

export type CategoriesOf = (itemId: string) => readonly string[]

/** Part of the target that every slate is taken to have, so that a category without an item costs a finite amount. */
const SMOOTHING = 0.01

/** Whether these parameters may change the order of a list. */
export function mayRerank({ mmrLambda, creatorDecay, calibration }: RerankParameters): boolean {
  return mmrLambda < 1 || creatorDecay < 1 || calibration > 0
}

/**
 * The value of a candidate is
 *
 *     (1 - calibration) (mmrLambda relevance creatorDecay^k - (1 - mmrLambda) max similarity) - calibration KL(p || q)
 *
 * - relevance: its score, scaled to [0, 1] over its list; k: picks of its creator so far.
 * - similarity to a pick: 1 for the same creator, else the Jaccard index of their categories. (Maximal marginal
 *   relevance, Carbonell and Goldstein 1998.)
 * - p: the share of each category in the listener's taste; q: in the picks with the candidate, an item counting in equal
 *   parts for its categories. (Calibrated recommendations, Steck 2018.)
 *
 * @param taste p, whose shares add up to 1; empty where nothing is known, which switches calibration off
 * @returns makes a reranker without picks; null where the parameters leave the order of the lists as it is
 */
export function rerankerFor(
  { mmrLambda, creatorDecay, calibration }: RerankParameters,
  categoriesOf: CategoriesOf,
  taste: ReadonlyMap<string, number>,
): (() => Reranker) | null {
  const calibrates = calibration > 0 && taste.size > 0
  if (mmrLambda === 1 && creatorDecay === 1 && !calibrates) return null
  return () =>
    createReranker(
      { mmrLambda, creatorDecay, calibration: calibrates ? calibration : 0 },
      categoriesOf,
      taste,
    )
}

function createReranker(
  { mmrLambda, creatorDecay, calibration }: RerankParameters,
  categoriesOf: CategoriesOf,
  taste: ReadonlyMap<string, number>,
): Reranker {
  const picks: { readonly creator: string | null; readonly categories: readonly string[] }[] = []
  const picksOfCreator = new Map<string, number>()
  /** By category, what the picks add up to. */
  const mass = new Map<string, number>()
  /** By item, the largest similarity to the first `compared` picks. */
  const similarities = new Map<string, { compared: number; largest: number }>()
  const scales = new Map<CandidateList, ReturnType<typeof scaleOf>>()

  function relevance({ score }: Candidate, list: CandidateList): number {
    let scale = scales.get(list)
    if (scale === undefined) {
      scale = scaleOf(list)
      scales.set(list, scale)
    }
    return scale.range === 0 ? 1 : (score - scale.lowest) / scale.range
  }

  function largestSimilarity({ itemId, creator }: Candidate): number {
    const known = similarities.get(itemId) ?? { compared: 0, largest: 0 }
    const categories = categoriesOf(itemId)
    for (const pick of picks.slice(known.compared)) {
      const same = creator !== null && creator === pick.creator
      known.largest = Math.max(known.largest, same ? 1 : jaccard(categories, pick.categories))
    }
    known.compared = picks.length
    similarities.set(itemId, known)
    return known.largest
  }

  function divergence({ itemId }: Candidate): number {
    const categories = categoriesOf(itemId)
    const items = picks.length + 1
    let sum = 0
    for (const [category, share] of taste) {
      const own = categories.includes(category) ? 1 / categories.length : 0
      const slateShare = ((mass.get(category) ?? 0) + own) / items
      sum += share * Math.log(share / ((1 - SMOOTHING) * slateShare + SMOOTHING * share))
    }
    return sum
  }

  return {
    value(candidate, list) {
      const before = candidate.creator === null ? 0 : (picksOfCreator.get(candidate.creator) ?? 0)
      const relevant = mmrLambda * relevance(candidate, list) * creatorDecay ** before
      const alike = mmrLambda === 1 ? 0 : (1 - mmrLambda) * largestSimilarity(candidate)
      const marginal = relevant - alike
      return calibration > 0 ? (1 - calibration) * marginal - calibration * divergence(candidate) : marginal
    },
    taken({ itemId, creator }) {
      const categories = categoriesOf(itemId)
      picks.push({ creator, categories })
      if (creator !== null) picksOfCreator.set(creator, (picksOfCreator.get(creator) ?? 0) + 1)
      for (const category of categories) {
        mass.set(category, (mass.get(category) ?? 0) + 1 / categories.length)
      }
    },
  }
}

/** The share of each category in what a user likes, by the weights of the items; empty where none has a category. */
export function tasteOf(likes: readonly HistoryItem[], categoriesOf: CategoriesOf): Map<string, number> {
  const mass = new Map<string, number>()
  let total = 0
  for (const { itemId, weight } of likes) {
    const categories = categoriesOf(itemId)
    for (const category of categories) {
      mass.set(category, (mass.get(category) ?? 0) + weight / categories.length)
    }
    if (categories.length > 0) total += weight
  }
  return new Map([...mass].map(([category, sum]) => [category, sum / total]))
}

function scaleOf({ candidates }: CandidateList): { readonly lowest: number; readonly range: number } {
  let lowest = Number.POSITIVE_INFINITY
  let highest = Number.NEGATIVE_INFINITY
  for (const { score } of candidates) {
    lowest = Math.min(lowest, score)
    highest = Math.max(highest, score)
  }
  return { lowest, range: highest - lowest }
}

/** 0 where neither has a category: nothing says that they are alike. */
function jaccard(a: readonly string[], b: readonly string[]): number {
  const shared = a.filter((category) => b.includes(category)).length
  return shared === 0 ? 0 : shared / (a.length + b.length - shared)
}
