import { serviceError } from '@bulkhead/service/errors'
import type { ItemFilter, ItemPage, PersonalizationStore, StoredItemFilter } from '../datastore/port.ts'
import { PERSONALIZATION_ERRORS } from '../errors.ts'
import { createItemSearch } from '../state/catalogue/item-search.ts'
import type { SearchableIndex } from '../state/serving-index.ts'

export type CatalogueReader = {
  /** In the order of ids. @throws ServiceError CATALOGUE_LOADING, SEARCH_BUSY */
  findItems(query: {
    readonly filter: ItemFilter
    readonly limit: number
    readonly after: string | null
  }): Promise<ItemPage>
  /** @throws ServiceError CATALOGUE_LOADING, SEARCH_BUSY */
  countItems(filter: ItemFilter): Promise<number>
}

/** Searches that may wait; each takes a fraction of a second even of a million items. */
const MAX_WAITING = 50

/**
 * Pages and counts the catalogue. Pages that an index of the datastore narrows come from there. Everything else would
 * read much of a table, and is searched in memory (ADR 0026), one search at a time: it may be INDEX_REFRESH_MS old.
 * Of a catalogue that is larger than memory may hold, titles are found among the items in memory.
 */
export function createCatalogueReader({
  store,
  index,
}: {
  readonly store: Pick<PersonalizationStore, 'findItems' | 'countItems'>
  readonly index: SearchableIndex
}): CatalogueReader {
  const search = createItemSearch(index.items)
  let waiting = 0
  let last: Promise<unknown> = Promise.resolve()

  async function inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    if (!index.ready()) throw serviceError(PERSONALIZATION_ERRORS.CATALOGUE_LOADING)
    if (waiting >= MAX_WAITING) throw serviceError(PERSONALIZATION_ERRORS.SEARCH_BUSY)
    waiting++
    const result = last.then(run)
    last = result.then(
      () => waiting--,
      () => waiting--,
    )
    return result
  }

  return {
    async findItems({ filter, limit, after }) {
      const { titleContains, ...stored } = filter
      const indexed = stored.available === undefined || isNarrowed(stored) || !index.isComplete()
      if (titleContains === undefined && indexed) return store.findItems({ filter: stored, limit, after })
      return inTurn(() => search.find({ filter, limit, after }))
    },

    async countItems(filter) {
      const { titleContains, ...stored } = filter
      if (titleContains === undefined && !index.isComplete()) return store.countItems(stored)
      return inTurn(() => search.count(filter))
    },
  }
}

function isNarrowed({ ids, categories, creator }: StoredItemFilter): boolean {
  return ids !== undefined || categories !== undefined || creator !== undefined
}
