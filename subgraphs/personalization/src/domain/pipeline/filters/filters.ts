import { isOffered } from '../../availability.ts'
import type { Item } from '../../item.ts'
import type { Query } from '../query.ts'

/** What filters read of a query. */
export type FilterQuery = Pick<Query, 'history' | 'exclude' | 'catalogue' | 'now' | 'market'>

/** A rule that keeps items out of a slate. */
export type Filter = {
  readonly name: string
  /** Whether this query's slate may hold an item; null where the rule keeps nothing out. */
  keeps(query: FilterQuery): ((item: Item) => boolean) | null
}

const notOffered: Filter = {
  name: 'not_offered',
  keeps: (query) => (item) => isOffered(item, query),
}

const consumed: Filter = {
  name: 'consumed',
  keeps: ({ history: { consumed: ids } }) => (ids.size > 0 ? ({ id }) => !ids.has(id) : null),
}

const blocked: Filter = {
  name: 'blocked',
  keeps({ history }) {
    const { items } = history.blocked
    return items.size > 0 ? ({ id }) => !items.has(id) : null
  },
}

const blockedCreator: Filter = {
  name: 'blocked_creator',
  keeps({ history }) {
    const { creators } = history.blocked
    return creators.size > 0 ? ({ creator }) => creator === null || !creators.has(creator) : null
  },
}

const excluded: Filter = {
  name: 'excluded',
  keeps: ({ exclude }) => (exclude.size > 0 ? ({ id }) => !exclude.has(id) : null),
}

export const FILTERS: readonly Filter[] = [notOffered, consumed, blocked, blockedCreator, excluded]
