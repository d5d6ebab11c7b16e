import type { Item } from '../../domain/item.ts'

/** Characters of the texts, or of the lists, that are remembered at a time: more than most catalogues have. */
const MAX_CHARACTERS = 2_000_000

/**
 * Returns a function that gives items with equal creators, categories and markets the same texts and lists. Each item comes
 * with its own, which would be a quarter of the memory of a catalogue, and of what the garbage collector does for it. Where
 * there are more than are remembered, fewer are shared.
 */
export function createValueSharing(maxCharacters = MAX_CHARACTERS): (item: Item) => Item {
  const sharedText = createShared<string>(maxCharacters)
  const sharedList = createShared<readonly string[]>(maxCharacters)
  const listOf = (names: readonly string[]) => sharedList(JSON.stringify(names), names)
  return (item) => ({
    ...item,
    creator: item.creator === null ? null : sharedText(item.creator, item.creator),
    categories: listOf(item.categories),
    markets: listOf(item.markets),
  })
}

/** Returns the first value with a key. Starts anew once the keys are longer together than the limit. */
function createShared<Value>(maxCharacters: number): (key: string, value: Value) => Value {
  const known = new Map<string, Value>()
  let characters = 0
  return (key, value) => {
    const first = known.get(key)
    if (first !== undefined) return first
    characters += key.length
    if (characters > maxCharacters) {
      known.clear()
      characters = key.length
    }
    known.set(key, value)
    return value
  }
}
