import { foldCase } from '@bulkhead/datastore/fold-case'

/**
 * Narrows a search for a part of a title: for each three characters that follow one another, the titles that have them.
 * Titles are numbered by the caller, and never taken out: a number that is no longer in use is the caller's to skip.
 */
export type TitleIndex = {
  /** `slot` is higher than every one before. */
  add(slot: number, title: string): void
  /** The slots of all titles that contain the text, and of others; null where the text is too short to narrow. */
  slotsFor(text: string): Slots | null
}

export type Slots = { readonly length: number; at(index: number): number | undefined }

const GRAM = 3
/** Grams are hashed to so many lists: every hit is compared with the title anyway, so a collision only costs time. */
const LISTS = 65_536
const FIRST_CAPACITY = 4

type SlotList = { slots: Uint32Array; length: number }

export function createTitleIndex(): TitleIndex {
  const lists: (SlotList | undefined)[] = new Array(LISTS).fill(undefined)

  function append(list: SlotList, slot: number): void {
    // A title can have a gram twice.
    if (list.length > 0 && list.slots[list.length - 1] === slot) return
    if (list.length === list.slots.length) {
      const larger = new Uint32Array(Math.ceil(list.slots.length * 1.5))
      larger.set(list.slots)
      list.slots = larger
    }
    list.slots[list.length++] = slot
  }

  return {
    add(slot, title) {
      const folded = foldCase(title)
      for (let at = 0; at + GRAM <= folded.length; at++) {
        const gram = gramAt(folded, at)
        const list = lists[gram] ?? { slots: new Uint32Array(FIRST_CAPACITY), length: 0 }
        lists[gram] = list
        append(list, slot)
      }
    },

    slotsFor(text) {
      const folded = foldCase(text)
      let shortest: SlotList | null = null
      for (let at = 0; at + GRAM <= folded.length; at++) {
        const list = lists[gramAt(folded, at)]
        if (list === undefined) return []
        if (shortest === null || list.length < shortest.length) shortest = list
      }
      // A view of what is there now: later slots go behind it, or into a larger copy.
      return shortest === null ? null : shortest.slots.subarray(0, shortest.length)
    },
  }
}

/** Which list a gram is in. */
function gramAt(folded: string, at: number): number {
  let hash = 0
  for (let unit = at; unit < at + GRAM; unit++) hash = Math.imul(hash ^ folded.charCodeAt(unit), 0x9e3779b1)
  return (hash ^ (hash >>> 16)) & (LISTS - 1)
}
