import { setImmediate } from 'node:timers/promises'
import type { Item } from '../domain/item.ts'

/** The items in the form that the serving index needs. */
export type IndexedItems = {
  readonly byId: ReadonlyMap<string, Item>
  /** Ids of the available items, newest first, ties by id. */
  readonly newest: readonly string[]
}

export const NO_ITEMS: IndexedItems = { byId: new Map(), newest: [] }

/** Items merged before the event loop gets a turn: about a millisecond's work. */
const MERGE_STEPS = 10_000

type CatalogueBuilder = {
  /** A page of items. A later item of the same id does not replace an earlier one. */
  add(page: readonly Item[]): void
  size(): number
  /** Yields to the event loop in between: sorting 200,000 items at once would hold up requests for 0.2 s. */
  build(): Promise<IndexedItems>
}

export function createCatalogueBuilder(): CatalogueBuilder {
  const byId = new Map<string, Item>()
  const runs: (readonly Item[])[] = []
  return {
    add(page) {
      const fresh = page.filter(({ id }) => !byId.has(id))
      for (const item of fresh) byId.set(item.id, item)
      const run = fresh.filter(({ available }) => available).sort(newestFirst)
      if (run.length > 0) runs.push(run)
    },
    size: () => byId.size,
    async build() {
      const pause = createPause()
      let sorted = runs
      while (sorted.length > 1) sorted = await mergePairs(sorted, pause)
      return { byId, newest: (sorted[0] ?? []).map(({ id }) => id) }
    },
  }
}

function newestFirst(a: Item, b: Item): number {
  return b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1)
}

/** Yields to the event loop once in `MERGE_STEPS` calls. */
function createPause(): () => Promise<void> | null {
  let steps = 0
  return () => (++steps % MERGE_STEPS === 0 ? setImmediate() : null)
}

async function mergePairs(
  runs: readonly (readonly Item[])[],
  pause: () => Promise<void> | null,
): Promise<(readonly Item[])[]> {
  const merged: (readonly Item[])[] = []
  for (let at = 0; at < runs.length; at += 2) {
    merged.push(await merge(runs[at] ?? [], runs[at + 1] ?? [], pause))
  }
  return merged
}

async function merge(
  left: readonly Item[],
  right: readonly Item[],
  pause: () => Promise<void> | null,
): Promise<readonly Item[]> {
  const merged: Item[] = []
  let nextLeft = 0
  let nextRight = 0
  for (;;) {
    const pausing = pause()
    if (pausing !== null) await pausing
    const a = left[nextLeft]
    const b = right[nextRight]
    if (a !== undefined && (b === undefined || newestFirst(a, b) < 0)) {
      merged.push(a)
      nextLeft++
    } else if (b !== undefined) {
      merged.push(b)
      nextRight++
    } else return merged
  }
}
