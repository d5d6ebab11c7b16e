import { whyNoLikes } from '../hydration/user-history.ts'
import type { Query } from '../query.ts'
import { tasteOf } from '../selection/reranker.ts'
import { categoriesOf } from '../selection/selection.ts'
import type { CandidateSource } from './candidate-source.ts'
import { firstEligible } from './first-eligible.ts'

/**
 * Of what everyone consumes most, what is in the categories that the listener likes: the popularity of an item times the
 * share of its categories in their taste, equals in the order of popularity. What it costs grows with the history and
 * the list of popular items, not with the catalogue.
 */
export const popularInCategoriesSource: CandidateSource = {
  name: 'popular-in-categories',
  rung: 'POPULAR',
  fillOrder: null,
  standsInFor: null,
  modelOf: () => null,
  failureCause: 'NO_CANDIDATES',
  whyUnavailable: ({ history }) => whyNoLikes(history),
  candidates: (query, input) => firstEligible(ranked(query), query, input),
  reason: () => ({ kind: 'POPULAR', itemId: null, text: 'Popular in what you like' }),
}

function ranked({ catalogue, history }: Query): readonly { itemId: string; score: number }[] {
  const taste = tasteOf(history.likes, (itemId) => categoriesOf(catalogue, itemId))
  return catalogue
    .popular()
    .map(({ itemId, score }) => {
      let share = 0
      for (const category of new Set(categoriesOf(catalogue, itemId))) share += taste.get(category) ?? 0
      return { itemId, score: score * share }
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
}
