import { createGrowingArray } from './growing-array.ts'

/**
 * Which users had which items: one row a user, in the order of the log (CSR): row u is `items[rowStarts[u] ..
 * rowStarts[u+1])`.
 */
export type InteractionMatrix = {
  /** Sorted by code unit, so that the order of the indices is the order of the ids. */
  readonly itemIds: readonly string[]
  readonly userCount: number
  readonly rowStarts: Uint32Array
  readonly items: Uint32Array
}

export type InteractionMatrixBuilder = {
  /** Adds an item that a user had. All items of one user must come one after the other; repetitions count once. */
  add(userId: string, itemId: string): void
  build(): InteractionMatrix
}

/** Collects a log that is ordered by user: memory grows with the distinct pairs, 4 bytes each, and the item ids. */
export function createInteractionMatrixBuilder(): InteractionMatrixBuilder {
  const indexById = new Map<string, number>()
  const items = createGrowingArray()
  const rowStarts = createGrowingArray()
  const row = new Set<number>()
  let user: string | null = null

  function endRow(): void {
    if (row.size === 0) return
    rowStarts.push(items.length)
    for (const index of row) items.push(index)
    row.clear()
  }

  return {
    add(userId, itemId) {
      if (userId !== user) endRow()
      user = userId
      let index = indexById.get(itemId)
      if (index === undefined) {
        index = indexById.size
        indexById.set(itemId, index)
      }
      row.add(index)
    },
    build() {
      endRow()
      const userCount = rowStarts.length
      rowStarts.push(items.length)
      const itemIds = [...indexById.keys()].sort()
      const ranks = new Uint32Array(itemIds.length)
      itemIds.forEach((id, rank) => {
        ranks[indexById.get(id) ?? 0] = rank
      })
      return {
        itemIds,
        userCount,
        rowStarts: rowStarts.values(),
        items: items.values().map((index) => ranks[index] ?? 0),
      }
    },
  }
}

/**
 * The same with at most `limit` items a user: of a longer row every n-th in the order of the ids, so that the sample is
 * always the same and does not depend on anything but the ids.
 */
export function withBoundedRows(matrix: InteractionMatrix, limit: number): InteractionMatrix {
  const items = createGrowingArray()
  const rowStarts = createGrowingArray()
  for (let user = 0; user < matrix.userCount; user++) {
    rowStarts.push(items.length)
    const row = matrix.items.slice(matrix.rowStarts[user], matrix.rowStarts[user + 1]).sort()
    const kept = Math.min(limit, row.length)
    for (let n = 0; n < kept; n++) items.push(row[Math.floor((n * row.length) / kept)] ?? 0)
  }
  rowStarts.push(items.length)
  return { ...matrix, rowStarts: rowStarts.values(), items: items.values() }
}
