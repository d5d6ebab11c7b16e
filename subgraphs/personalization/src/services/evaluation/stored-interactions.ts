import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { PersonalizationStore } from '../../datastore/port.ts'
import { type ConsumedPairs, createConsumedPairsBuilder } from '../../domain/evaluation/consumed-pairs.ts'
import { CONSUMING_TYPES, type Interaction } from '../../domain/interaction.ts'
import { canonicalLine } from '../training-service.ts'

const PAGE_SIZE = 1_000
const ITEMS_PER_READ = 500

export type StoredInteractions = {
  readonly pairs: ConsumedPairs
  /** The same as of a model version that was trained on everything that is stored. */
  readonly fingerprint: string
  readonly interactions: number
}

/** Every consuming interaction, read in pages with turns for other work in between. */
export async function readStoredInteractions(
  store: Pick<PersonalizationStore, 'scanInteractions'>,
  onRead: (interactions: number) => void,
): Promise<StoredInteractions> {
  const hash = createHash('sha256')
  const pairs = createConsumedPairsBuilder()
  let interactions = 0
  let after: Interaction | null = null
  for (;;) {
    const page: readonly Interaction[] = await store.scanInteractions({ after, limit: PAGE_SIZE })
    for (const interaction of page) {
      if (!CONSUMING_TYPES.includes(interaction.type)) continue
      hash.update(canonicalLine(interaction))
      pairs.add(interaction)
      interactions++
    }
    onRead(interactions)
    after = page.at(-1) ?? null
    if (page.length < PAGE_SIZE) break
    await nextTurn()
  }
  return { pairs: pairs.build(), fingerprint: hash.digest('hex'), interactions }
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
