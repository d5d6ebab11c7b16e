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
  enabled: ({ history }) => history.blocked.items.size > 0,
  removes: ({ history }, itemId) => history.blocked.items.has(itemId),
}

const blockedCreator: Filter = {
  name: 'blocked_creator',
  enabled: ({ history }) => history.blocked.creators.size > 0,
  removes({ history, catalogue }, itemId) {
    const creator = catalogue.itemById(itemId)?.creator ?? null
    return creator !== null && history.blocked.creators.has(creator)
  },
}

const excluded: Filter = {
  name: 'excluded',
  enabled: ({ exclude }) => exclude.size > 0,
  removes: ({ exclude }, itemId) => exclude.has(itemId),
}

export const FILTERS: readonly Filter[] = [unavailable, consumed, blocked, blockedCreator, excluded]
