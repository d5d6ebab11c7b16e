/** Keeps the most similar of the items that it is offered, the smaller index first where two are equally similar. */
export type NeighbourHeap = {
  offer(item: number, similarity: number): void
  size(): number
  /** Writes what was kept from `offset` on, best first, empties itself, and returns how many there were. */
  drain(items: Int32Array, similarities: Float32Array, offset: number): number
}

/** A binary heap with the worst of the kept ones at its root. */
export function createNeighbourHeap(capacity: number): NeighbourHeap {
  const items = new Uint32Array(capacity)
  const similarities = new Float64Array(capacity)
  let size = 0

  const itemAt = (place: number): number => items[place] ?? 0
  const similarityAt = (place: number): number => similarities[place] ?? 0

  function isWorse(item: number, similarity: number, place: number): boolean {
    const other = similarityAt(place)
    return similarity < other || (similarity === other && item > itemAt(place))
  }

  function put(place: number, item: number, similarity: number): void {
    items[place] = item
    similarities[place] = similarity
  }

  function siftUp(item: number, similarity: number): void {
    let place = size++
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (!isWorse(item, similarity, parent)) break
      put(place, itemAt(parent), similarityAt(parent))
      place = parent
    }
    put(place, item, similarity)
  }

  /** Puts an item where the root was, and then as far down as it belongs. */
  function replaceRoot(item: number, similarity: number): void {
    let place = 0
    for (;;) {
      let child = 2 * place + 1
      if (child >= size) break
      if (child + 1 < size && isWorse(itemAt(child + 1), similarityAt(child + 1), child)) child++
      if (isWorse(item, similarity, child)) break
      put(place, itemAt(child), similarityAt(child))
      place = child
    }
    put(place, item, similarity)
  }

  return {
    offer(item, similarity) {
      if (!(similarity > 0) || capacity === 0) return
      if (size < capacity) siftUp(item, similarity)
      else if (!isWorse(item, similarity, 0)) replaceRoot(item, similarity)
    },
    size: () => size,
    drain(toItems, toSimilarities, offset) {
      const count = size
      while (size > 0) {
        const item = itemAt(0)
        const similarity = similarityAt(0)
        size--
        if (size > 0) replaceRoot(itemAt(size), similarityAt(size))
        toItems[offset + size] = item
        toSimilarities[offset + size] = similarity
      }
      return count
    },
  }
}
