import type { Candidate } from '../candidate.ts'
import type { Query } from '../query.ts'

export type Filter = {
  readonly name: string
  enabled(query: Query): boolean
  removes(query: Query, itemId: string): boolean
}

const unavailable: Filter = {
  name: 'unavailable',
  enabled: () => true,
  removes: ({ catalogue }, itemId) => !catalogue.isAvailable(itemId),
}

const consumed: Filter = {
  name: 'consumed',
  enabled: ({ history }) => history.consumed.size > 0,
  removes: ({ history }, itemId) => history.consumed.has(itemId),
}

const blocked: Filter = {
  name: 'blocked',
  enabled: ({ history }) => history.blocked.size > 0,
  removes: ({ history }, itemId) => history.blocked.has(itemId),
}

const excluded: Filter = {
  name: 'excluded',
  enabled: ({ exclude }) => exclude.size > 0,
  removes: ({ exclude }, itemId) => exclude.has(itemId),
}

export const FILTERS: readonly Filter[] = [unavailable, consumed, blocked, excluded]

export type Eligibility = (itemId: string) => boolean

/** Whether an item may be in this query's slate. Sources ask it as they go, so that filters never leave gaps. */
export function eligibilityOf(query: Query, filters: readonly Filter[] = FILTERS): Eligibility {
  const enabled = filters.filter((filter) => filter.enabled(query))
  return (itemId) => {
    for (const filter of enabled) {
      if (filter.removes(query, itemId)) return false
    }
    return true
  }
}

/**
 * A source that did not ask is filtered all the same; an item that it names twice counts once; and a score that is no
 * number, as a broken model may give, has no place in an order.
 */
export function keepEligible(
  candidates: readonly Candidate[],
  isEligible: Eligibility,
): readonly Candidate[] {
  const seen = new Set<string>()
  return candidates.filter(({ itemId, score }) => {
    if (!Number.isFinite(score) || seen.has(itemId) || !isEligible(itemId)) return false
    seen.add(itemId)
    return true
  })
}
