import { CONSUMING_TYPES, type Interaction } from '../interaction.ts'
import { createGrowingArray } from '../item-to-item/growing-array.ts'

/**
 * Who consumed what, each pair of user and item once, ordered by user: what a split divides. Pair p is
 * `userIds[users[p]]` with `itemIds[items[p]]`. About 20 bytes a pair.
 */
export type ConsumedPairs = {
  readonly userIds: readonly string[]
  readonly itemIds: readonly string[]
  /** Ascending, so that the pairs of a user stand together. */
  readonly users: Uint32Array
  readonly items: Uint32Array
  /** When the user first consumed the item, epoch milliseconds; 0 where that is not known. */
  readonly firstTimes: Float64Array
  /** Of the strongest interaction: 2 where the item was liked, else 1, as serving weighs a history. */
  readonly weights: Uint8Array
}

export type ConsumedPairsBuilder = {
  /** Ordered by user, then item. Interactions that do not consume are passed over. */
  add(interaction: Pick<Interaction, 'userId' | 'itemId' | 'type' | 'occurredAt'>): void
  build(): ConsumedPairs
}

export function createConsumedPairsBuilder(): ConsumedPairsBuilder {
  const userIds: string[] = []
  const itemIndices = new Map<string, number>()
  const users = createGrowingArray()
  const items = createGrowingArray()
  const weights = createGrowingArray()
  const times: number[] = []
  let open: { userId: string; itemId: string; firstTime: number; weight: number } | null = null

  function close(): void {
    if (open === null) return
    const { userId, itemId, firstTime, weight } = open
    if (userIds.at(-1) !== userId) userIds.push(userId)
    const item = itemIndices.get(itemId) ?? itemIndices.size
    itemIndices.set(itemId, item)
    users.push(userIds.length - 1)
    items.push(item)
    weights.push(weight)
    times.push(firstTime)
  }

  return {
    add({ userId, itemId, type, occurredAt }) {
      if (!CONSUMING_TYPES.includes(type)) return
      const weight = type === 'LIKE' ? 2 : 1
      if (open?.userId === userId && open.itemId === itemId) {
        open.firstTime = Math.min(open.firstTime, occurredAt)
        open.weight = Math.max(open.weight, weight)
        return
      }
      close()
      open = { userId, itemId, firstTime: occurredAt, weight }
    },
    build() {
      close()
      open = null
      return {
        userIds,
        itemIds: [...itemIndices.keys()],
        users: users.values(),
        items: items.values(),
        firstTimes: Float64Array.from(times),
        weights: Uint8Array.from(weights.values()),
      }
    },
  }
}

/** Where the pairs of each user begin and end: those of user u are `[starts[u], starts[u + 1])`. */
export function userStarts({ userIds, users }: ConsumedPairs): Uint32Array {
  const starts = new Uint32Array(userIds.length + 1)
  for (const user of users) starts[user + 1] = (starts[user + 1] ?? 0) + 1
  for (let user = 0; user < userIds.length; user++) {
    starts[user + 1] = (starts[user + 1] ?? 0) + (starts[user] ?? 0)
  }
  return starts
}
