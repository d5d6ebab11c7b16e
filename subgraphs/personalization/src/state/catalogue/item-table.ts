import { setImmediate } from 'node:timers/promises'
import type { Item } from '../../domain/item.ts'
import { compareCodePoints } from './code-point-order.ts'
import { createSortedList } from './sorted-list.ts'
import { createTextMap } from './text-map.ts'
import { createTitleIndex } from './title-index.ts'

/** The items in memory, under the keys and in the orders that readers ask for. They change one item at a time. */
export type ItemTable = {
  get(id: string): Item | undefined
  /** The items with these ids, by place; each is looked up once, however often it changes. */
  itemsOf(ids: readonly string[]): (place: number) => Item | undefined
  /** Inserts an item, or replaces the one with its id. */
  put(item: Item): void
  readonly size: number
  /** The available items, newest first, ties by id. */
  readonly newest: { readonly length: number } & Iterable<Item>
  /** All items in the order of their ids, as both datastores have it: those after this id, or all. */
  after(id: string | null): Iterable<Item>
  /** The items whose title may contain the text, each once; null where the text is too short to narrow. */
  titled(text: string): Candidates | null
  /**
   * Frees what changed titles have left behind in the title index, once it is a quarter of it. Nothing may be put in
   * before it resolves; readers go on.
   */
  compact(): Promise<void>
}

/** `at` gives undefined for an item that has another title by now. */
export type Candidates = { readonly length: number; at(index: number): Item | undefined }

/** An item's title is in the title index as `slot`. */
type Entry = { item: Item; slot: number }

/** Titles that are indexed again before the event loop gets a turn: about a millisecond's work. */
const TITLES_AT_ONCE = 500
const STALE_SHARE = 0.25

export function createItemTable(): ItemTable {
  const entries = createTextMap<Entry>()
  const newest = createSortedList<Entry>((a, b) => newestFirst(a.item, b.item))
  const inOrder = createSortedList<Entry>((a, b) => compareCodePoints(a.item.id, b.item.id))
  /** Undefined for the slots of earlier titles. */
  let bySlot: (Entry | undefined)[] = []
  let titles = createTitleIndex()
  const entriesOf = new WeakMap<readonly string[], (Entry | undefined)[]>()

  function insert(item: Item): void {
    const entry = { item, slot: bySlot.length }
    entries.set(item.id, entry)
    inOrder.add(entry)
    indexTitle(entry)
    if (item.available) newest.add(entry)
  }

  function replace(entry: Entry, item: Item): void {
    const before = entry.item
    const moves = before.available !== item.available || before.createdAt !== item.createdAt
    if (moves && before.available) newest.remove(entry)
    entry.item = item
    if (moves && item.available) newest.add(entry)
    if (before.title === item.title) return
    bySlot[entry.slot] = undefined
    entry.slot = bySlot.length
    indexTitle(entry)
  }

  function indexTitle(entry: Entry): void {
    titles.add(entry.slot, entry.item.title)
    bySlot.push(entry)
  }

  return {
    get: (id) => entries.get(id)?.item,
    itemsOf(ids) {
      const known = entriesOf.get(ids) ?? new Array<Entry | undefined>(ids.length).fill(undefined)
      entriesOf.set(ids, known)
      return (place) => {
        known[place] ??= entries.get(ids[place] ?? '')
        return known[place]?.item
      }
    },
    put(item) {
      const known = entries.get(item.id)
      if (known === undefined) insert(item)
      else replace(known, item)
    },
    get size() {
      return entries.size
    },
    newest: {
      get length() {
        return newest.length
      },
      [Symbol.iterator]: () => itemsOf(newest),
    },
    after(id) {
      const later = id === null ? inOrder : inOrder.from(({ item }) => compareCodePoints(item.id, id) > 0)
      return { [Symbol.iterator]: () => itemsOf(later) }
    },
    titled(text) {
      const slots = titles.slotsFor(text)
      if (slots === null) return null
      // As they are now: a compaction gives other slots.
      const entriesNow = bySlot
      return { length: slots.length, at: (index) => entriesNow[slots.at(index) ?? -1]?.item }
    },
    async compact() {
      if (bySlot.length - entries.size <= bySlot.length * STALE_SHARE) return
      const freshTitles = createTitleIndex()
      const freshSlots: Entry[] = []
      for (const entry of bySlot) {
        if (entry === undefined) continue
        entry.slot = freshSlots.length
        freshTitles.add(entry.slot, entry.item.title)
        freshSlots.push(entry)
        if (freshSlots.length % TITLES_AT_ONCE === 0) await setImmediate()
      }
      titles = freshTitles
      bySlot = freshSlots
    },
  }
}

function* itemsOf(list: Iterable<Entry>): Generator<Item> {
  for (const { item } of list) yield item
}

function newestFirst(a: Item, b: Item): number {
  if (a.createdAt !== b.createdAt) return b.createdAt - a.createdAt
  return a.id < b.id ? -1 : Number(a.id > b.id)
}
