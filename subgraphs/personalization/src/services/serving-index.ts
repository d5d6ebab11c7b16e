import type { Item } from '../domain/item.ts'
import type { Catalogue } from '../domain/pipeline/query.ts'

/** The catalogue in memory. Readers never wait, and never see a half-built one: it is replaced as a whole. */
export type ServingIndex = Catalogue & {
  /** True once the catalogue has been read, be it empty. */
  ready(): boolean
}

export type LiveServingIndex = ServingIndex & {
  replaceItems(items: readonly Item[]): void
  /** Most interacted with first. */
  replacePopular(popular: readonly { readonly itemId: string; readonly interactions: number }[]): void
}

export function createServingIndex(): LiveServingIndex {
  let items: ReadonlyMap<string, Item> = new Map()
  let newest: readonly string[] = []
  let popular: ReturnType<Catalogue['popular']> = []
  let loaded = false
  return {
    itemById: (id) => items.get(id),
    isAvailable: (id) => items.get(id)?.available === true,
    popular: () => popular,
    staticItems: () => newest,
    size: () => items.size,
    ready: () => loaded,
    replaceItems(next) {
      items = new Map(next.map((item) => [item.id, item]))
      newest = next
        .filter((item) => item.available)
        .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1))
        .map((item) => item.id)
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
