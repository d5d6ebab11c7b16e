import { isOffered } from '../../availability.ts'
import type { Query } from '../query.ts'

/** What filters read of a query. */
export type FilterQuery = Pick<Query, 'history' | 'exclude' | 'catalogue' | 'now' | 'market'>

/** A rule that keeps items out of a slate. */
export type Filter = {
  readonly name: string
  enabled(query: FilterQuery): boolean
  removes(query: FilterQuery, itemId: string): boolean
}

const unavailable: Filter = {
  name: 'unavailable',
  enabled: () => true,
  removes: ({ catalogue }, itemId) => !catalogue.isAvailable(itemId),
}

const notOffered: Filter = {
  name: 'not_offered',
  enabled: () => true,
  removes(query, itemId) {
    const item = query.catalogue.itemById(itemId)
    return item === undefined || !isOffered(item, query)
  },
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

export const FILTERS: readonly Filter[] = [
  unavailable,
  notOffered,
  consumed,
  blocked,
  blockedCreator,
  excluded,
]
