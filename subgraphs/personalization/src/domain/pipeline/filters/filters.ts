import { isOffered } from '../../availability.ts'
import type { Item } from '../../item.ts'
import type { Query } from '../query.ts'

/** What filters read of a query. */
export type FilterQuery = Pick<Query, 'history' | 'exclude' | 'catalogue' | 'now' | 'market'>

/** A rule that keeps items out of a slate. */
export type Filter = {
  readonly name: string
  enabled(query: FilterQuery): boolean
  removes(query: FilterQuery, item: Item): boolean
}

const notOffered: Filter = {
  name: 'not_offered',
  enabled: () => true,
  removes: (query, item) => !isOffered(item, query),
}

const consumed: Filter = {
  name: 'consumed',
  enabled: ({ history }) => history.consumed.size > 0,
  removes: ({ history }, { id }) => history.consumed.has(id),
}

const blocked: Filter = {
  name: 'blocked',
  enabled: ({ history }) => history.blocked.items.size > 0,
  removes: ({ history }, { id }) => history.blocked.items.has(id),
}

const blockedCreator: Filter = {
  name: 'blocked_creator',
  enabled: ({ history }) => history.blocked.creators.size > 0,
  removes: ({ history }, { creator }) => creator !== null && history.blocked.creators.has(creator),
}

const excluded: Filter = {
  name: 'excluded',
  enabled: ({ exclude }) => exclude.size > 0,
  removes: ({ exclude }, { id }) => exclude.has(id),
}

export const FILTERS: readonly Filter[] = [notOffered, consumed, blocked, blockedCreator, excluded]
