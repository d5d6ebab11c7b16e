import type { Item } from '../domain/item.ts'
import type { Catalogue, Ranking } from '../domain/pipeline/query.ts'
import { createItemTable, type ItemTable } from './catalogue/item-table.ts'
import { createValueSharing } from './catalogue/share-values.ts'

/** The catalogue in memory. Readers never wait; each item changes as a whole. */
export type ServingIndex = Catalogue & {
  /** True once the catalogue has been read, be it empty. */
  ready(): boolean
}

/** What searching and counting need of it. */
export type SearchableIndex = Pick<ServingIndex, 'ready'> & {
  /** False where there was no room for an item. */
  isComplete(): boolean
  readonly items: Omit<ItemTable, 'put' | 'compact' | 'newest'>
}

export type LiveServingIndex = ServingIndex &
  SearchableIndex & {
    /**
     * Puts in some items, new or changed. Once the index is full it takes changes of the items in it only.
     * @returns how many there was no room for
     */
    putItems(items: readonly Item[]): number
    /** The whole catalogue has been put in, as far as there is room. */
    markRead(): void
    /** To be awaited before the next `putItems`. */
    compact(): Promise<void>
    /** Most listeners first. */
    replacePopular(popular: readonly { readonly itemId: string; readonly listeners: number }[]): void
    /** Most listeners lately first. */
    replaceTrending(trending: readonly { readonly itemId: string; readonly trend: number }[]): void
  }

/** @param options.maxItems upper bound on the items; memory is what it costs */
export function createServingIndex({
  maxItems = Number.POSITIVE_INFINITY,
}: {
  readonly maxItems?: number
} = {}): LiveServingIndex {
  const items = createItemTable()
  const withSharedValues = createValueSharing()
  let popular: Ranking = []
  let trending: Ranking = []
  let read = false
  let complete = true
  const newestIds = {
    get length() {
      return items.newest.length
    },
    *[Symbol.iterator]() {
      for (const { id } of items.newest) yield id
    },
  }
  return {
    items,
    itemById: (id) => items.get(id),
    itemsOf: (ids) => items.itemsOf(ids),
    popular: () => popular,
    trending: () => trending,
    staticItems: () => newestIds,
    size: () => items.size,
    ready: () => read,
    isComplete: () => complete,
    putItems(changed) {
      let refused = 0
      for (const item of changed) {
        if (items.size < maxItems || items.get(item.id) !== undefined) items.put(withSharedValues(item))
        else refused++
      }
      if (refused > 0) complete = false
      return refused
    },
    markRead() {
      read = true
    },
    compact: () => items.compact(),
    replacePopular(next) {
      popular = rankingOf(next.map(({ itemId, listeners }) => ({ itemId, amount: listeners })))
    },
    replaceTrending(next) {
      trending = rankingOf(next.map(({ itemId, trend }) => ({ itemId, amount: trend })))
    },
  }
}

/** Scored by the share of the first, largest amount; amounts of 0 are left out, and so are shares that round to it. */
function rankingOf(rows: readonly { readonly itemId: string; readonly amount: number }[]): Ranking {
  const most = rows[0]?.amount ?? 0
  return rows
    .map(({ itemId, amount }) => ({ itemId, score: most > 0 ? amount / most : 0 }))
    .filter(({ score }) => score > 0)
}
