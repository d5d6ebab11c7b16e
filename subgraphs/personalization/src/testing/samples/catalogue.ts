import type { Item } from '../../domain/item.ts'
import type { Catalogue, Ranking } from '../../domain/pipeline/query.ts'
import { NOON } from './time.ts'

export function sampleItem(id: string, overrides: Partial<Item> = {}): Item {
  return {
    id,
    title: `Title of ${id}`,
    creator: null,
    categories: [],
    available: true,
    availableFrom: null,
    availableUntil: null,
    markets: [],
    createdAt: NOON,
    attributes: null,
    ...overrides,
  }
}

/** `count` items `i0`, `i1`, ..., newest last. */
export function sampleItems(count: number, overrides: (index: number) => Partial<Item> = () => ({})): Item[] {
  return Array.from({ length: count }, (_, index) =>
    sampleItem(`i${index}`, { createdAt: index, ...overrides(index) }),
  )
}

/** The ids of `sampleItems(count)`. */
export function sampleItemIds(count: number): string[] {
  return sampleItems(count).map(({ id }) => id)
}

/** @param popular ids, most popular first; `trending` likewise */
export function sampleCatalogue(
  all: readonly Item[],
  popular: readonly string[] = [],
  trending: readonly string[] = [],
): Catalogue {
  const byId = new Map(all.map((one) => [one.id, one]))
  const newest = all
    .filter(({ available }) => available)
    .sort((a, b) => b.createdAt - a.createdAt)
    .map(({ id }) => id)
  return {
    itemById: (id) => byId.get(id),
    itemsOf: (ids) => (place) => byId.get(ids[place] ?? ''),
    popular: () => ranked(popular),
    trending: () => ranked(trending),
    staticItems: () => newest,
    size: () => all.length,
  }
}

function ranked(ids: readonly string[]): Ranking {
  return ids.map((itemId, rank) => ({ itemId, score: 1 / (rank + 1) }))
}
