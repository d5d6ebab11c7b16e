import { type ConsumedPairs, userStarts } from './consumed-pairs.ts'

/** How the pairs are divided into those that are trained on and those that are asked for. */
export type SplitChoice =
  /** One instant for everybody: what was first consumed at it or later is asked for. Null: the newest fifth of the pairs. */
  | { readonly kind: 'temporal'; readonly cutoff: number | null }
  /** Of each user with at least two items the newest one is asked for. */
  | { readonly kind: 'leave-one-out' }
  /** Everything is trained on; what is asked for is given, by user. */
  | { readonly kind: 'given'; readonly relevant: ReadonlyMap<string, ReadonlySet<string>> }

export type Split = {
  readonly pairs: ConsumedPairs
  /** By pair: 1 where it is trained on. */
  readonly inTrain: Uint8Array
  /** What is asked for, by user; nothing that the user has in the train part. */
  readonly relevant: ReadonlyMap<string, ReadonlySet<string>>
  /** Epoch milliseconds; null for splits without one. */
  readonly cutoff: number | null
  /** When the first of the pairs that are asked for was consumed; null where they are given. */
  readonly firstTestTime: number | null
}

/** Why there is no such split of these pairs. */
export type SplitProblem = { readonly problem: string }

const TEST_SHARE = 0.2

/** Deterministic: equal pairs and choices give equal splits, whatever the clock says. */
export function splitPairs(pairs: ConsumedPairs, choice: SplitChoice): Split | SplitProblem {
  if (choice.kind === 'given') return givenSplit(pairs, choice.relevant)
  if (new Set(pairs.firstTimes).size < 2) {
    return { problem: `all interactions have the same time, so no ${choice.kind} split can divide them` }
  }
  const inTrain = new Uint8Array(pairs.users.length).fill(1)
  let cutoff: number | null = null
  if (choice.kind === 'temporal') {
    cutoff = choice.cutoff ?? defaultCutoff(pairs)
    for (const [pair, time] of pairs.firstTimes.entries()) if (time >= cutoff) inTrain[pair] = 0
  } else {
    leaveOneOut(pairs, inTrain)
  }
  const { relevant, firstTestTime } = askedFor(pairs, inTrain)
  if (firstTestTime === null) {
    const where = cutoff === null ? 'no user has two items' : `nothing is as new as ${instant(cutoff)}`
    return { problem: `the test part is empty: ${where}` }
  }
  if (!inTrain.includes(1)) return { problem: `the train part is empty: nothing is older than the cutoff` }
  return { pairs, inTrain, relevant, cutoff, firstTestTime }
}

/** The earliest time such that no more than a fifth of the pairs are as new, or newer. */
function defaultCutoff({ firstTimes }: ConsumedPairs): number {
  const ascending = firstTimes.toSorted()
  const first = Math.ceil(ascending.length * (1 - TEST_SHARE))
  // Of pairs at the same time either all or none are in the test part, so it may be smaller than a fifth. It is larger
  // only where the newest time of all has more than that.
  const newest = ascending.at(-1) ?? 0
  const time = ascending[first] ?? newest
  if (ascending[first - 1] !== time) return time
  return ascending.find((one) => one > time) ?? newest
}

/** Of equally new items the one with the smaller id is left out. */
function leaveOneOut(pairs: ConsumedPairs, inTrain: Uint8Array): void {
  const starts = userStarts(pairs)
  for (let user = 0; user < pairs.userIds.length; user++) {
    const start = starts[user] ?? 0
    const end = starts[user + 1] ?? 0
    if (end - start < 2) continue
    let newest = start
    // Pairs of a user are in the order of their item ids, so the first of the newest has the smallest.
    for (let pair = start + 1; pair < end; pair++) {
      if ((pairs.firstTimes[pair] ?? 0) > (pairs.firstTimes[newest] ?? 0)) newest = pair
    }
    inTrain[newest] = 0
  }
}

function askedFor(pairs: ConsumedPairs, inTrain: Uint8Array) {
  const relevant = new Map<string, Set<string>>()
  let firstTestTime: number | null = null
  for (const [pair, trained] of inTrain.entries()) {
    if (trained === 1) continue
    addRelevant(relevant, pairs.userIds[pairs.users[pair] ?? 0], pairs.itemIds[pairs.items[pair] ?? 0])
    const time = pairs.firstTimes[pair] ?? 0
    if (firstTestTime === null || time < firstTestTime) firstTestTime = time
  }
  return { relevant, firstTestTime }
}

function addRelevant(relevant: Map<string, Set<string>>, userId = '', itemId = ''): void {
  const items = relevant.get(userId)
  if (items === undefined) relevant.set(userId, new Set([itemId]))
  else items.add(itemId)
}

function givenSplit(
  pairs: ConsumedPairs,
  given: ReadonlyMap<string, ReadonlySet<string>>,
): Split | SplitProblem {
  const relevant = new Map([...given].map(([userId, items]) => [userId, new Set(items)]))
  for (const [pair, user] of pairs.users.entries()) {
    relevant.get(pairs.userIds[user] ?? '')?.delete(pairs.itemIds[pairs.items[pair] ?? 0] ?? '')
  }
  for (const [userId, items] of relevant) if (items.size === 0) relevant.delete(userId)
  if (relevant.size === 0) {
    return {
      problem: 'the test part is empty: each item of it is stored for the same user, and so was trained on',
    }
  }
  const inTrain = new Uint8Array(pairs.users.length).fill(1)
  return { pairs, inTrain, relevant, cutoff: null, firstTestTime: null }
}

function instant(time: number): string {
  return new Date(time).toISOString()
}
