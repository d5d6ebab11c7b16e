import type { Item } from '../../item.ts'
import type { IsEligible, RecommendationModel } from '../../recommendation-model.ts'
import type { Candidate } from '../candidate.ts'
import type { Catalogue } from '../query.ts'
import type { Stage } from '../stage.ts'
import { FILTERS, type FilterQuery } from './filters.ts'

/** `atHand` is the item with this id, where the caller has it already: then it is not looked up. */
export type Eligibility = (itemId: string, atHand?: Item) => boolean

/**
 * Whether an item may be in this query's slate; no item that the catalogue does not have may. Sources ask while they collect,
 * so that filters leave no gaps.
 */
export function eligibilityOf(query: FilterQuery): Eligibility {
  const tests = FILTERS.map((filter) => filter.keeps(query)).filter((keeps) => keeps !== null)
  // A source asks about most of its candidates before the filters do.
  const known = new Set<string>()
  return (itemId, atHand) => {
    // Whoever has the item at hand mostly asks for the first time.
    if (atHand === undefined && known.has(itemId)) return true
    const item = atHand ?? query.catalogue.itemById(itemId)
    if (item === undefined) return false
    for (const keeps of tests) {
      if (!keeps(item)) return false
    }
    known.add(itemId)
    return true
  }
}

/** The same for a model to ask. Its items are found by their places in it, instead of by their ids. */
export function eligibilityIn(
  { itemIds }: RecommendationModel,
  catalogue: Catalogue,
  isEligible: Eligibility,
): IsEligible {
  if (itemIds === undefined) return (itemId) => isEligible(itemId)
  const itemAt = catalogue.itemsOf(itemIds)
  return (itemId, place) => isEligible(itemId, place === undefined ? undefined : itemAt(place))
}

/** Applies the filters to what a source brought, whether or not the source has asked for itself. */
export const filterStage: Stage<Eligibility, readonly Candidate[], readonly Candidate[]> = {
  name: 'filters',
  enabled: () => true,
  run: (isEligible, candidates) => keepEligible(candidates, isEligible),
  // An item too few is better than one that the user has blocked: without filters no candidate is left.
  without: () => [],
}

/**
 * An item that a source names twice counts once. A score that is not a finite number, as a broken model may give,
 * cannot be ordered, and its item is left out.
 */
function keepEligible(candidates: readonly Candidate[], isEligible: Eligibility): readonly Candidate[] {
  const seen = new Set<string>()
  return candidates.filter(({ itemId, score }) => {
    if (!Number.isFinite(score) || !isEligible(itemId)) return false
    // Its size tells whether it had the item, for one look-up instead of two.
    const before = seen.size
    seen.add(itemId)
    return seen.size > before
  })
}
