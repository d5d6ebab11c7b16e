import type { InteractionMatrix } from './interaction-matrix.ts'

/** Who had each item (CSC): those of item i stand in `users[starts[i] .. starts[i+1])`, ascending. */
export type ItemColumns = { readonly starts: Uint32Array; readonly users: Uint32Array }

export function itemColumns({ itemIds, userCount, rowStarts, items }: InteractionMatrix): ItemColumns {
  const starts = new Uint32Array(itemIds.length + 1)
  for (const item of items) starts[item + 1] = (starts[item + 1] ?? 0) + 1
  for (let item = 0; item < itemIds.length; item++) {
    starts[item + 1] = (starts[item + 1] ?? 0) + (starts[item] ?? 0)
  }
  const next = starts.slice()
  const users = new Uint32Array(items.length)
  for (let user = 0; user < userCount; user++) {
    const end = rowStarts[user + 1] ?? 0
    for (let n = rowStarts[user] ?? 0; n < end; n++) {
      const item = items[n] ?? 0
      const place = next[item] ?? 0
      users[place] = user
      next[item] = place + 1
    }
  }
  return { starts, users }
}
