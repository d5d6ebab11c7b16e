import type {
  AnyBulkWriteOperation,
  ClientSession,
  Filter,
  MongoDatastore,
} from '@bulkhead/datastore/mongodb/open'
import { inTransaction } from '@bulkhead/datastore/mongodb/transaction'
import type { Item } from '../../domain/item.ts'
import type { CallLimit } from '../limits.ts'
import type { PersonalizationStore, StoredItemFilter } from '../port.ts'
import { readAttributes, writeAttributes } from '../stored-json.ts'
import { firstById, lastById } from '../write-rules.ts'
import type { Collections, ItemDocument } from './collections.ts'
import { knownIds } from './insert-new.ts'
import { CHANGE_INDEX } from './migrations.ts'

type CatalogueMethods = Pick<
  PersonalizationStore,
  | 'upsertItems'
  | 'insertMissingItems'
  | 'itemsByIds'
  | 'findItems'
  | 'countItems'
  | 'catalogueVersion'
  | 'catalogueChanges'
  | 'popularItems'
  | 'trendingItems'
>

/**
 * The catalogue on MongoDB. A change and the new catalogue version are one transaction. If the version rose first, a
 * reader could take old items for the new version; if it rose afterwards, a crash in between would hide the change.
 *
 * Each transaction takes the next version first. Until it commits no other can take one, so transactions commit in the
 * order of their versions: once a version can be read, so can every change up to it.
 */
export function createMongoCatalogue(
  datastore: MongoDatastore,
  { items, counters, popularity }: Collections,
  limit: CallLimit,
): CatalogueMethods {
  async function nextVersion(session: ClientSession): Promise<number> {
    const counter = await counters.findOneAndUpdate(
      { _id: 'catalogue' },
      { $inc: { value: 1 } },
      { session, returnDocument: 'after', upsert: true },
    )
    return counter?.value ?? 0
  }

  /** One of each id that the catalogue does not have. */
  async function unknownOf(rows: readonly Item[], session?: ClientSession): Promise<readonly Item[]> {
    const ids = rows.map(({ id }) => id)
    const known = await knownIds(items, ids, session)
    return firstById(rows).filter(({ id }) => !known.has(id))
  }

  return {
    async upsertItems(rows) {
      limit.assert('upsertItems', rows)
      if (rows.length === 0) return
      await inTransaction(datastore, async (session) => {
        const version = await nextVersion(session)
        const operations = lastById(rows).map((item): AnyBulkWriteOperation<ItemDocument> => {
          const { _id, ...replacement } = writeItem(item, version)
          return { replaceOne: { filter: { _id }, replacement, upsert: true } }
        })
        await items.bulkWrite(operations, { session })
      })
    },

    async insertMissingItems(rows) {
      limit.assert('insertMissingItems', rows)
      if (rows.length === 0) return 0
      const lacking = await unknownOf(rows)
      if (lacking.length === 0) return 0
      return inTransaction(datastore, async (session) => {
        const version = await nextVersion(session)
        // Looked up again: nobody else can change the catalogue from here on.
        const missing = await unknownOf(lacking, session)
        if (missing.length === 0) await session.abortTransaction()
        else
          await items.insertMany(
            missing.map((item) => writeItem(item, version)),
            { session },
          )
        return missing.length
      })
    },

    async itemsByIds(ids) {
      const documents = await items.find({ _id: { $in: [...ids] } }, { batchSize: ids.length + 1 }).toArray()
      return documents.map(readItem)
    },

    async findItems({ filter, limit, after }) {
      const matching = conditions(filter)
      const later = after === null ? matching : { $and: [matching, { _id: { $gt: after } }] }
      const documents = await items
        .find(later)
        .sort({ _id: 1 })
        .limit(limit + 1)
        .batchSize(limit + 1)
        .toArray()
      return { items: documents.slice(0, limit).map(readItem), hasMore: documents.length > limit }
    },

    countItems: (filter) => items.countDocuments(conditions(filter)),

    async catalogueVersion() {
      const counter = await counters.findOne({ _id: 'catalogue' })
      return counter?.value ?? 0
    },

    async catalogueChanges({ after, through, limit }) {
      const { version, itemId } = after
      const later: Filter<ItemDocument> =
        itemId === null
          ? { changed: { $gt: version, $lte: through } }
          : {
              changed: { $gte: version, $lte: through },
              $or: [{ changed: { $gt: version } }, { changed: version, _id: { $gt: itemId } }],
            }
      const documents = await items
        .find(later, { hint: CHANGE_INDEX })
        .sort({ changed: 1, _id: 1 })
        .limit(limit + 1)
        .batchSize(limit + 1)
        .toArray()
      const last = documents.length > limit ? documents[limit - 1] : undefined
      return {
        items: documents.slice(0, limit).map(readItem),
        next: last?.changed === undefined ? null : { version: last.changed, itemId: last._id },
      }
    },

    async popularItems(limit) {
      const documents = await popularity
        .find({ listeners: { $gt: 0 } })
        .sort({ listeners: -1, _id: 1 })
        .limit(limit)
        .batchSize(limit)
        .toArray()
      return documents.map(({ _id, listeners = 0 }) => ({ itemId: _id, listeners }))
    },

    async trendingItems(limit) {
      const documents = await popularity
        .find({ trend: { $gte: 0 } })
        .sort({ trend: -1, _id: 1 })
        .limit(limit)
        .batchSize(limit)
        .toArray()
      return documents.map(({ _id, trend = 0 }) => ({ itemId: _id, trend }))
    },
  }
}

function conditions(filter: StoredItemFilter): Filter<ItemDocument> {
  const all: Filter<ItemDocument>[] = []
  if (filter.ids !== undefined) all.push({ _id: { $in: [...filter.ids] } })
  if (filter.categories !== undefined) all.push({ categories: { $in: [...filter.categories] } })
  if (filter.creator !== undefined) all.push({ creator: filter.creator })
  if (filter.available !== undefined) all.push({ available: filter.available })
  return all.length === 0 ? {} : { $and: all }
}

function writeItem({ id, attributes, ...fields }: Item, changed: number): ItemDocument {
  return { _id: id, ...fields, attributes: writeAttributes(attributes), changed }
}

function readItem({
  _id,
  titleFolded: _,
  changed: __,
  attributes,
  availableFrom = null,
  availableUntil = null,
  markets = [],
  ...fields
}: ItemDocument): Item {
  return {
    id: _id,
    ...fields,
    availableFrom,
    availableUntil,
    markets,
    attributes: readAttributes(attributes),
  }
}
