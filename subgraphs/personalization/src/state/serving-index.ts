import type { Catalogue, Ranking } from '../domain/pipeline/query.ts'
import { type IndexedItems, NO_ITEMS } from './catalogue-builder.ts'

/** The catalogue in memory. Readers never wait, and never see a half-built one: it is replaced as a whole. */
export type ServingIndex = Catalogue & {
  /** True once the catalogue has been read, be it empty. */
  ready(): boolean
}

export type LiveServingIndex = ServingIndex & {
  replaceItems(items: IndexedItems): void
  /** Most listeners first. */
  replacePopular(popular: readonly { readonly itemId: string; readonly listeners: number }[]): void
  /** Most listeners lately first. */
  replaceTrending(trending: readonly { readonly itemId: string; readonly trend: number }[]): void
}

export function createServingIndex(): LiveServingIndex {
  let items = NO_ITEMS
  let popular: Ranking = []
  let trending: Ranking = []
  let loaded = false
  return {
    itemById: (id) => items.byId.get(id),
    isAvailable: (id) => items.byId.get(id)?.available === true,
    popular: () => popular,
    trending: () => trending,
    staticItems: () => items.newest,
    size: () => items.byId.size,
    ready: () => loaded,
    replaceItems(next) {
      items = next
      loaded = true
    },
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
