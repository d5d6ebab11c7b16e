import type { Item } from '../../domain/item.ts'

/** Texts and lists that are remembered at a time: more than most catalogues have, and some megabytes. */
const MAX_SHARED = 100_000

/**
 * Returns a function that gives items with equal creators, categories and markets the same texts and lists. Each item comes
 * with its own, and of a large catalogue they would be half of all that the garbage collector visits. Where there are
 * more than are remembered, fewer are shared.
 */
export function createValueSharing(): (item: Item) => Item {
  const texts = new Map<string, string>()
  const lists = new Map<string, readonly string[]>()
  const listOf = (names: readonly string[]) => shared(lists, JSON.stringify(names), names)
  return (item) => ({
    ...item,
    creator: item.creator === null ? null : shared(texts, item.creator, item.creator),
    categories: listOf(item.categories),
    markets: listOf(item.markets),
  })
}

function shared<Value>(known: Map<string, Value>, key: string, value: Value): Value {
  const first = known.get(key)
  if (first !== undefined) return first
  if (known.size >= MAX_SHARED) known.clear()
  known.set(key, value)
  return value
}
