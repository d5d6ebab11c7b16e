import type { PersonalizationStore } from '../../datastore/port.ts'
import type { Interaction } from '../../domain/interaction.ts'
import type { Item } from '../../domain/item.ts'
import { placeholderItem } from '../columns/placeholder-item.ts'

/**
 * Upper bound on remembered ids that are in the catalogue; above it all are forgotten, so that memory stays bounded.
 */
const REMEMBERED_IDS = 200_000

/** Inserts or replaces items; of several with the same id the last one counts. Returns how many were new. */
export function createItemWriter(store: PersonalizationStore): (items: readonly Item[]) => Promise<number> {
  return async (items) => {
    const byId = new Map(items.map((item) => [item.id, item]))
    const known = await store.itemsByIds([...byId.keys()])
    await store.upsertItems([...byId.values()])
    return byId.size - known.length
  }
}

export type InteractionWriter = {
  /**
   * Stores history, with a placeholder for every item that the catalogue lacks; returns how many interactions were new.
   */
  write(interactions: readonly Interaction[]): Promise<number>
  placeholders(): number
}

export function createInteractionWriter(store: PersonalizationStore): InteractionWriter {
  const inCatalogue = new Set<string>()
  let placeholders = 0
  let catalogued: Promise<void> = Promise.resolve()

  async function addMissingItems(interactions: readonly Interaction[]): Promise<void> {
    if (inCatalogue.size > REMEMBERED_IDS) inCatalogue.clear()
    const unsure = new Set<string>()
    for (const { itemId } of interactions) if (!inCatalogue.has(itemId)) unsure.add(itemId)
    if (unsure.size > 0) placeholders += await store.insertMissingItems([...unsure].map(placeholderItem))
    for (const itemId of unsure) inCatalogue.add(itemId)
  }

  return {
    async write(interactions) {
      // One after the other, because they would wait for one another in the datastore too.
      const added = catalogued.then(() => addMissingItems(interactions))
      catalogued = added.catch(() => undefined)
      await added
      return store.importInteractions(interactions)
    },
    placeholders: () => placeholders,
  }
}
