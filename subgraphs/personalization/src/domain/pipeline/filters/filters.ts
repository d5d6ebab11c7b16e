import type { Query } from '../query.ts'

/** A rule that keeps items out of a slate. */
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
