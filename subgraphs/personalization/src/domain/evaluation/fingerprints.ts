import { createHash } from 'node:crypto'
import type { Split } from './split.ts'

/** How much a part of a split holds, and a SHA-256 of all of it. */
export type PartFingerprint = {
  readonly users: number
  readonly pairs: number
  /** SHA-256, hex, over a JSON array a line. */
  readonly fingerprint: string
}

/** Over `[user, item, first time, weight]` of each pair that is trained on, in the order of user and item. */
export function trainFingerprint({ pairs, inTrain }: Split): PartFingerprint {
  const hash = createHash('sha256')
  const users = new Set<number>()
  let count = 0
  for (const [pair, trained] of inTrain.entries()) {
    if (trained === 0) continue
    const user = pairs.users[pair] ?? 0
    const itemId = pairs.itemIds[pairs.items[pair] ?? 0]
    hash.update(line([pairs.userIds[user], itemId, pairs.firstTimes[pair], pairs.weights[pair]]))
    users.add(user)
    count++
  }
  return { users: users.size, pairs: count, fingerprint: hash.digest('hex') }
}

/** Over `[user, item]` of each pair that is asked for, in the order of the UTF-16 code units of both. */
export function testFingerprint({ relevant }: Split): PartFingerprint {
  const hash = createHash('sha256')
  let pairs = 0
  for (const userId of [...relevant.keys()].sort()) {
    for (const itemId of [...(relevant.get(userId) ?? [])].sort()) {
      hash.update(line([userId, itemId]))
      pairs++
    }
  }
  return { users: relevant.size, pairs, fingerprint: hash.digest('hex') }
}

function line(values: readonly unknown[]): string {
  return `${JSON.stringify(values)}\n`
}
