import type { Reason } from '../slate.ts'
import type { Catalogue } from './query.ts'
import type { Pick } from './selection/selection.ts'

/** Why a user sees an item, in words for them; null where there is nothing to say. */
export function reasonOf({ candidate, source, explored }: Pick, catalogue: Catalogue): Reason | null {
  if (explored) return { kind: 'EXPLORATION', itemId: null, text: 'Something different to try' }
  try {
    return source.reason(candidate, catalogue)
  } catch {
    // A slate without a reason is better than none.
    return null
  }
}
