import type { HistoryItem } from '../recommendation-model.ts'
import { userStarts } from './consumed-pairs.ts'
import type { Split } from './split.ts'

/** A user whose list is measured. */
export type Listener = {
  readonly userId: string
  /** What they have in the train part, newest first: the model is asked with it, and it is what the list leaves out. */
  readonly history: readonly HistoryItem[]
  readonly relevant: ReadonlySet<string>
}

/** The users of the test part who have a history in the train part, in the order of their ids. */
export function* listenersOf(split: Split): Generator<Listener, void, void> {
  const { pairs, inTrain, relevant } = split
  const starts = userStarts(pairs)
  for (const [user, userId] of pairs.userIds.entries()) {
    const wanted = relevant.get(userId)
    if (wanted === undefined) continue
    const trained: number[] = []
    for (let pair = starts[user] ?? 0; pair < (starts[user + 1] ?? 0); pair++) {
      if (inTrain[pair] === 1) trained.push(pair)
    }
    if (trained.length === 0) continue
    // Sorting is stable, so that what is equally new stays in the order of the item ids.
    trained.sort((a, b) => (pairs.firstTimes[b] ?? 0) - (pairs.firstTimes[a] ?? 0))
    const history = trained.map((pair) => ({
      itemId: pairs.itemIds[pairs.items[pair] ?? 0] ?? '',
      weight: pairs.weights[pair] ?? 1,
    }))
    yield { userId, history, relevant: wanted }
  }
}
