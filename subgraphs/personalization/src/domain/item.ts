import type { JsonObject } from '@bulkhead/contracts'

export type Item = {
  readonly id: string
  readonly title: string
  /** Artist, author, seller: what diversity groups by. */
  readonly creator: string | null
  readonly categories: readonly string[]
  readonly available: boolean
  /** Not shown before this instant, nor from the next one on; null where there is no such bound. */
  readonly availableFrom: number | null
  readonly availableUntil: number | null
  /** Where it may be shown, as `normalizeMarket` writes them; none for everywhere. */
  readonly markets: readonly string[]
  /** Epoch milliseconds, like every time in the domain. */
  readonly createdAt: number
  /** Whatever else the catalogue holds, as imported. */
  readonly attributes: JsonObject | null
}

/** Items with the same text as attribute `group` are one thing in several forms: a slate shows one of them. */
export function groupOf(item: Pick<Item, 'attributes'> | undefined): string | null {
  const attributes = item?.attributes ?? null
  const group = attributes !== null && Object.hasOwn(attributes, 'group') ? attributes.group : null
  return typeof group === 'string' && group !== '' ? group : null
}
