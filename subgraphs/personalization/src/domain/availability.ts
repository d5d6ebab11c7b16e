import type { JsonObject } from '@bulkhead/contracts'
import type { Item } from './item.ts'

/** When and where something is shown. */
export type Occasion = {
  /** Epoch milliseconds. */
  readonly now: number
  /** As `normalizeMarket` writes it; null where it is not known. */
  readonly market: string | null
}

/**
 * Whether an item may be shown: available, in its time window, in one of its markets. An item that is limited to markets
 * is shown nowhere else, nor where the market is not known.
 */
export function isOffered(
  { available, availableFrom, availableUntil, markets }: Item,
  { now, market }: Occasion,
): boolean {
  if (!available) return false
  if (availableFrom !== null && now < availableFrom) return false
  if (availableUntil !== null && now >= availableUntil) return false
  return markets.length === 0 || (market !== null && markets.includes(market))
}

/** The market of a request: its attribute `market`, or else `country`. */
export function marketOf(attributes: JsonObject | null): string | null {
  for (const name of ['market', 'country']) {
    const value = attributes !== null && Object.hasOwn(attributes, name) ? attributes[name] : null
    if (typeof value === 'string' && value.trim() !== '') return normalizeMarket(value)
  }
  return null
}

/** Markets are compared without regard to case and white space around them: `nl` is `NL`. */
export function normalizeMarket(text: string): string {
  return text.trim().toUpperCase()
}
