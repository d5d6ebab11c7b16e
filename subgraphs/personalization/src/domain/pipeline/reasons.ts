import type { Reason } from '../slate.ts'
import type { Catalogue } from './query.ts'
import type { Pick } from './selection/selection.ts'

/** Why a user sees an item, in words for them; null where there is nothing to say. */
export function reasonOf({ candidate, source, explored }: Pick, catalogue: Catalogue): Reason | null {
  if (explored) return { kind: 'EXPLORATION', itemId: null, text: 'Something different to try' }
  if (source === 'popular') return { kind: 'POPULAR', itemId: null, text: 'Popular with everyone' }
  const { becauseOf } = candidate
  if (becauseOf === null) return null
  const title = catalogue.itemById(becauseOf)?.title
  const text = title === undefined ? 'Because of what you chose before' : `Because you chose “${title}”`
  return { kind: 'BECAUSE_OF_ITEM', itemId: becauseOf, text }
}
