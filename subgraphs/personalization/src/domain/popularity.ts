import { CONSUMING_TYPES, type Interaction } from './interaction.ts'

/** How popular an item is. Each listener counts once, at their first use, so that nobody can push an item up alone. */
export type Popularity = {
  /** Distinct users who consumed the item. */
  readonly listeners: number
  /**
   * The sum over them of 2^((first use - TREND_LANDMARK) / TREND_HALF_LIFE_MS): forward decay (Cormode et al. 2009). The
   * ratio of two sums is that of the counts where each listener weighs half as much after each half-life, whatever the
   * time of reading, so nothing has to be decayed afterwards.
   */
  readonly trend: number
}

export const TREND_HALF_LIFE_MS = 7 * 24 * 60 * 60 * 1000

/** 2026-01-01. A sum of doubles lasts until 2045; then a migration has to move it. */
export const TREND_LANDMARK = 1_767_225_600_000
const MAX_EXPONENT = 1_000

/** @param now epoch milliseconds; a later time counts as now, or a wrong clock would lead the trend for ever */
export function trendWeight(occurredAt: number, now: number): number {
  return 2 ** Math.min(MAX_EXPONENT, (Math.min(occurredAt, now) - TREND_LANDMARK) / TREND_HALF_LIFE_MS)
}

/** What first uses add to the popularity of each item. */
export function popularityOf(
  firstUses: Iterable<Pick<Interaction, 'itemId' | 'occurredAt'>>,
  now: number,
): ReadonlyMap<string, Popularity> {
  const added = new Map<string, Popularity>()
  for (const { itemId, occurredAt } of firstUses) {
    const { listeners, trend } = added.get(itemId) ?? { listeners: 0, trend: 0 }
    added.set(itemId, { listeners: listeners + 1, trend: trend + trendWeight(occurredAt, now) })
  }
  return added
}

/**
 * What a user's uses had added, by item. The use that was stored first had counted, and the earliest is taken for it: they
 * differ where an older one came late, and then a remainder stays in `trend`.
 */
export function popularityOfUses(
  uses: Iterable<Pick<Interaction, 'itemId' | 'occurredAt' | 'type'>>,
  now: number,
): ReadonlyMap<string, Popularity> {
  const earliest = new Map<string, Pick<Interaction, 'itemId' | 'occurredAt'>>()
  for (const use of uses) {
    const known = earliest.get(use.itemId)
    if (isUse(use) && (known === undefined || use.occurredAt < known.occurredAt))
      earliest.set(use.itemId, use)
  }
  return popularityOf(earliest.values(), now)
}

/** True where a user's first such interaction with an item counts towards its popularity. */
export function isUse({ type }: Pick<Interaction, 'type'>): boolean {
  return CONSUMING_TYPES.includes(type)
}
