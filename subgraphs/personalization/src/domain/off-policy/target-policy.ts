import type { CandidateLog } from './candidate-log.ts'
import type { LoggedPosition } from './logged-policy.ts'

/** Another policy, on the candidates of one logged slate. */
export type TargetPolicy = {
  /**
   * P(target fills the position with the item that was served | the positions before as they were served), 0 to 1. Of
   * all eligible items together it is 1.
   */
  probability(position: LoggedPosition): number
}

/** What is due, without exploration. */
export const greedyTarget: TargetPolicy = {
  probability: ({ served, due }) => (served.itemId === due.candidate.itemId ? 1 : 0),
}

/** Any eligible item, each as likely. */
export const uniformTarget: TargetPolicy = {
  probability: ({ pool }) => 1 / pool.eligibleCount(),
}

/** The first eligible item of a ranking; where none is left in it, what is due. */
export function rankedTarget(itemIds: readonly string[]): TargetPolicy {
  return {
    probability({ served, due, pool }) {
      const count = pool.eligibleCount()
      const eligible = new Set(
        Array.from({ length: count }, (_, index) => pool.eligibleAt(index).candidate.itemId),
      )
      const best = itemIds.find((itemId) => eligible.has(itemId)) ?? due.candidate.itemId
      return served.itemId === best ? 1 : 0
    },
  }
}

/** The best eligible item of one source alone, as it ranked them when the slate was served; null where it has none. */
export function sourceTarget({ lists }: CandidateLog, name: string): TargetPolicy | null {
  const found = lists.find(({ source }) => source === name)
  if (found === undefined || found.candidates.length === 0) return null
  return rankedTarget(found.candidates.map(({ itemId }) => itemId))
}
