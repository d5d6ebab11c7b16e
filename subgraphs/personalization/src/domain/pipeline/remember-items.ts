import type { Item } from '../item.ts'
import type { Catalogue } from './query.ts'

/** Upper bound on the items that are remembered: more than the candidates of a usual slate, and little memory. */
const MAX_REMEMBERED = 1_000

/**
 * The same catalogue, which remembers the items that were looked up by their ids: the stages of one slate ask for many of
 * its candidates several times. In a large catalogue each look-up waits for memory, while what is remembered is in the CPU's
 * caches. To find an item by its place in a model costs less than to remember it.
 */
export function rememberItems(catalogue: Catalogue): Catalogue {
  const remembered = new Map<string, Item>()

  return {
    ...catalogue,
    itemById(id) {
      const known = remembered.get(id)
      if (known !== undefined) return known
      const item = catalogue.itemById(id)
      if (item !== undefined && remembered.size < MAX_REMEMBERED) remembered.set(id, item)
      return item
    },
  }
}
