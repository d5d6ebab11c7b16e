import type { JsonObject } from '@bulkhead/contracts'
import { marketOf } from '../availability.ts'
import type { Item } from '../item.ts'
import { type Eligibility, eligibilityIn, eligibilityOf } from './filters/eligibility.ts'
import { unknownHistory } from './hydration/user-history.ts'
import type { Pipeline } from './pipeline.ts'
import { runStage, type Stage } from './stage.ts'

export type SimilarItemsRequest = {
  readonly itemId: string
  /** Whose filters apply too; null for nobody's. */
  readonly userId: string | null
  /** Items wanted. */
  readonly first: number
  readonly attributes: JsonObject | null
}

/** Scores are comparable within one answer only. */
export type SimilarItem = { readonly item: Item; readonly score: number }

/**
 * The items that the production model, or the one before where that cannot be loaded, finds most similar to one item, best
 * first: what it recommends to somebody who has had this item and nothing else, as far as its score is above 0. The
 * filters are those of a slate. Empty without a model, and where the model fails or does not know the item; null for an
 * item that the catalogue does not have.
 */
export async function findSimilarItems(
  request: SimilarItemsRequest,
  pipeline: Pick<Pipeline, 'hydration' | 'models' | 'catalogue' | 'now' | 'observer'>,
): Promise<readonly SimilarItem[] | null> {
  const { itemId, userId, attributes } = request
  const { hydration, catalogue, observer } = pipeline
  if (catalogue.itemById(itemId) === undefined) return null
  const history =
    userId === null ? unknownHistory() : (await runStage(hydration, { userId }, undefined, observer)).output
  const isEligible = eligibilityOf({
    history,
    exclude: new Set([itemId]),
    catalogue,
    now: pipeline.now(),
    market: marketOf(attributes),
  })
  return (await runStage(similarItemsStage(pipeline, isEligible), request, undefined, observer)).output
}

function similarItemsStage(
  { models, catalogue }: Pick<Pipeline, 'models' | 'catalogue'>,
  isEligible: Eligibility,
): Stage<SimilarItemsRequest, void, readonly SimilarItem[]> {
  return {
    name: 'similar_items',
    enabled: () => true,
    run({ itemId, first }) {
      const model = (models.production() ?? models.previous())?.model
      const isWanted = model === undefined ? undefined : eligibilityIn(model, catalogue, isEligible)
      const found = model?.recommend([{ itemId, weight: 1 }], first, isWanted) ?? []
      const similar: SimilarItem[] = []
      const seen = new Set<string>()
      for (const { itemId: id, score } of found) {
        const item = catalogue.itemById(id)
        // Not trusted to have asked the filters, as in a slate.
        if (item === undefined || seen.has(id) || !(score > 0) || !Number.isFinite(score) || !isEligible(id))
          continue
        seen.add(id)
        similar.push({ item, score })
      }
      return similar.slice(0, first)
    },
    without: () => [],
  }
}
