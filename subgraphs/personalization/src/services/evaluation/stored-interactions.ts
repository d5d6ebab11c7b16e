import type { PersonalizationStore } from '../../datastore/port.ts'
import { type ConsumedPairs, createConsumedPairsBuilder } from '../../domain/evaluation/consumed-pairs.ts'
import { type InteractionsRead, readConsumingInteractions } from '../consuming-interactions.ts'

const ITEMS_PER_READ = 500

/** The fingerprint is the same as of a model version that was trained on everything that is stored. */
export type StoredInteractions = InteractionsRead & { readonly pairs: ConsumedPairs }

/** Every consuming interaction, with turns for other work in between. */
export async function readStoredInteractions(
  store: Pick<PersonalizationStore, 'scanInteractions'>,
  onRead: (interactions: number) => void,
): Promise<StoredInteractions> {
  const pairs = createConsumedPairsBuilder()
  const read = await readConsumingInteractions(store, (interaction) => pairs.add(interaction), onRead)
  return { ...read, pairs: pairs.build() }
}

/** The categories of the items that have any, each category once. */
export async function readCategories(
  store: Pick<PersonalizationStore, 'itemsByIds'>,
  itemIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>()
  for (let at = 0; at < itemIds.length; at += ITEMS_PER_READ) {
    for (const { id, categories } of await store.itemsByIds(itemIds.slice(at, at + ITEMS_PER_READ))) {
      if (categories.length > 0) found.set(id, [...new Set(categories)])
    }
  }
  return found
}
