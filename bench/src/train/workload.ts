import {
  createInteractionMatrixBuilder,
  type InteractionMatrix,
} from '@bulkhead/personalization/domain/item-to-item/interaction-matrix'
import { seededRandom } from '@bulkhead/statistics/seeded-random'

const INTERACTIONS_PER_USER = 25
const TASTES = 20

/**
 * As many users as items, each with 25 draws: three of four from the items of their taste, the others from all, and
 * always the popular ones more often. The same for the same number of items.
 */
export function makeInteractions(items: number): InteractionMatrix {
  const random = seededRandom(items)
  const builder = createInteractionMatrixBuilder()
  for (let user = 0; user < items; user++) {
    for (let n = 0; n < INTERACTIONS_PER_USER; n++) {
      const drawn = Math.floor(items * random() ** 2)
      const ofTaste = random() < 0.75
      builder.add(`u${user}`, `i${ofTaste ? drawn - (drawn % TASTES) + (user % TASTES) : drawn}`)
    }
  }
  return builder.build()
}
