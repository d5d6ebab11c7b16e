import type { LoggedPosition } from './logged-policy.ts'

/** Another policy, on the candidates of logged slates. */
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

/** The best eligible item of one source; where it has none left, what is due. */
export function sourceTarget(name: string): TargetPolicy {
  return {
    probability({ served, due, pool, lists }) {
      const eligible = eligibleItems(pool)
      const list = lists.find(({ source }) => source.name === name)
      const best = list?.candidates.find(({ itemId }) => eligible.has(itemId)) ?? due.candidate
      return served.itemId === best.itemId ? 1 : 0
    },
  }
}

function eligibleItems(pool: LoggedPosition['pool']): ReadonlySet<string> {
  const count = pool.eligibleCount()
  return new Set(Array.from({ length: count }, (_, index) => pool.eligibleAt(index).candidate.itemId))
}
