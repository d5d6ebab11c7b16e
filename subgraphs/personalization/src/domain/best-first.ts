/**
 * Returns the indices 0 .. count - 1 one by one, highest score first, the smaller item first among equals; null after
 * the last. Takes O(count) to start and O(log count) for each, so the first few of a long list are cheap.
 * @param heap memory to work in, of at least `count` places: to allocate it takes longer than a short list
 */
export function createBestFirst(
  items: Uint32Array,
  scores: Float64Array,
  count: number,
  heap = new Uint32Array(count),
): () => number | null {
  for (let place = 0; place < count; place++) heap[place] = place
  let size = count

  function isBetter(a: number, b: number): boolean {
    const scoreA = scores[a] ?? 0
    const scoreB = scores[b] ?? 0
    return scoreA > scoreB || (scoreA === scoreB && (items[a] ?? 0) < (items[b] ?? 0))
  }

  function siftDown(start: number): void {
    const moving = heap[start] ?? 0
    let at = start
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      if (child + 1 < size && isBetter(heap[child + 1] ?? 0, heap[child] ?? 0)) child++
      if (isBetter(moving, heap[child] ?? 0)) break
      heap[at] = heap[child] ?? 0
      at = child
    }
    heap[at] = moving
  }

  for (let at = (size >> 1) - 1; at >= 0; at--) siftDown(at)

  return () => {
    if (size === 0) return null
    const best = heap[0] ?? 0
    size--
    heap[0] = heap[size] ?? 0
    siftDown(0)
    return best
  }
}
