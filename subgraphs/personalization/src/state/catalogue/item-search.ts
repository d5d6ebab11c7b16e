import { setImmediate } from 'node:timers/promises'
import { foldCase } from '@bulkhead/datastore/fold-case'
import type { ItemFilter, ItemPage } from '../../datastore/port.ts'
import type { Item } from '../../domain/item.ts'
import { compareCodePoints } from './code-point-order.ts'
import type { ItemTable } from './item-table.ts'

type SearchedItems = Pick<ItemTable, 'get' | 'size' | 'after' | 'titled'>

/**
 * Searches the items in memory. The event loop gets a turn after every `ITEMS_AT_ONCE` items that are looked at, so
 * that a search of any size delays requests by less than a millisecond at a time.
 */
export type ItemSearch = {
  /** As the datastores page: in the order of ids, by code point. An item that changes meanwhile is judged once. */
  find(query: {
    readonly filter: ItemFilter
    readonly limit: number
    readonly after: string | null
  }): Promise<ItemPage>
  count(filter: ItemFilter): Promise<number>
}

const ITEMS_AT_ONCE = 2_000
/** Above this share of the items, walking in the order of ids finds a page sooner than all matches are sorted. */
const NARROW_SHARE = 1 / 16

export function createItemSearch(items: SearchedItems): ItemSearch {
  return {
    async find({ filter, limit, after }) {
      const matches = matcherOf(filter)
      const some = candidatesOf(items, filter)
      const wanted = limit + 1
      const found =
        some === null || some.length > items.size * NARROW_SHARE
          ? await firstInOrder(items, matches, { wanted, after })
          : await smallest(some, (item) => isAfter(item, after) && matches(item), wanted)
      return { items: found.slice(0, limit), hasMore: found.length > limit }
    },

    async count(filter) {
      const matches = matcherOf(filter)
      const some = candidatesOf(items, filter)
      let count = 0
      const countItem = (item: Item): boolean => {
        if (matches(item)) count++
        return true
      }
      if (some === null) await walk(items, null, countItem)
      else await each(some, countItem)
      return count
    },
  }
}

type Some = { readonly length: number; at(index: number): Item | undefined }

/** Items among which all matches are; null where the filter does not narrow. */
function candidatesOf(items: SearchedItems, { ids, titleContains }: ItemFilter): Some | null {
  if (ids !== undefined) return [...new Set(ids)].flatMap((id) => items.get(id) ?? [])
  return titleContains === undefined ? null : items.titled(titleContains)
}

function matcherOf(filter: ItemFilter): (item: Item) => boolean {
  const ids = filter.ids === undefined ? null : new Set(filter.ids)
  const categories = filter.categories === undefined ? null : new Set(filter.categories)
  const title = filter.titleContains === undefined ? null : foldCase(filter.titleContains)
  return (item) =>
    (ids === null || ids.has(item.id)) &&
    (filter.creator === undefined || item.creator === filter.creator) &&
    (filter.available === undefined || item.available === filter.available) &&
    (categories === null || item.categories.some((category) => categories.has(category))) &&
    (title === null || foldCase(item.title).includes(title))
}

function isAfter(item: Item, id: string | null): boolean {
  return id === null || compareCodePoints(item.id, id) > 0
}

async function firstInOrder(
  items: SearchedItems,
  matches: (item: Item) => boolean,
  { wanted, after }: { readonly wanted: number; readonly after: string | null },
): Promise<Item[]> {
  const found: Item[] = []
  await walk(items, after, (item) => {
    if (matches(item)) found.push(item)
    return found.length < wanted
  })
  return found
}

/** The matches that come first, in order: those of a few rounds are kept, sorted and cut. */
async function smallest(some: Some, matches: (item: Item) => boolean, wanted: number): Promise<Item[]> {
  let found: Item[] = []
  const cut = () => {
    found = found.sort((a, b) => compareCodePoints(a.id, b.id)).slice(0, wanted)
  }
  await each(some, (item) => {
    if (matches(item)) found.push(item)
    if (found.length >= 4 * wanted) cut()
  })
  cut()
  return found
}

async function each(some: Some, visit: (item: Item) => void): Promise<void> {
  for (let at = 0; at < some.length; at++) {
    const item = some.at(at)
    if (item !== undefined) visit(item)
    if ((at + 1) % ITEMS_AT_ONCE === 0) await setImmediate()
  }
}

/** In the order of ids until `visit` is false. Items may come in meanwhile, so each turn finds its place again. */
async function walk(
  items: SearchedItems,
  after: string | null,
  visit: (item: Item) => boolean,
): Promise<void> {
  for (let last = after; ; ) {
    let seen = 0
    for (const item of items.after(last)) {
      if (!visit(item)) return
      last = item.id
      if (++seen === ITEMS_AT_ONCE) break
    }
    if (seen < ITEMS_AT_ONCE) return
    await setImmediate()
  }
}
