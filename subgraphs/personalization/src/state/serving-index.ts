import type { Catalogue } from '../domain/pipeline/query.ts'
import { type IndexedItems, NO_ITEMS } from './catalogue-builder.ts'

/** The catalogue in memory. Readers never wait, and never see a half-built one: it is replaced as a whole. */
export type ServingIndex = Catalogue & {
  /** True once the catalogue has been read, be it empty. */
  ready(): boolean
}

export type LiveServingIndex = ServingIndex & {
  replaceItems(items: IndexedItems): void
  /** Most interacted with first. */
  replacePopular(popular: readonly { readonly itemId: string; readonly interactions: number }[]): void
}

export function createServingIndex(): LiveServingIndex {
  let items = NO_ITEMS
  let popular: ReturnType<Catalogue['popular']> = []
  let loaded = false
  return {
    itemById: (id) => items.byId.get(id),
    isAvailable: (id) => items.byId.get(id)?.available === true,
    popular: () => popular,
    staticItems: () => items.newest,
    size: () => items.byId.size,
    ready: () => loaded,
    replaceItems(next) {
      items = next
      loaded = true
    },
    replacePopular(next) {
      const most = next[0]?.interactions ?? 0
      popular = next
        .filter(({ interactions }) => interactions > 0)
        .map(({ itemId, interactions }) => ({ itemId, score: interactions / most }))
    },
  }
}
