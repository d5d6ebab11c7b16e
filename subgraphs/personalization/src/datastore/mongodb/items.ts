import { foldCase } from '@bulkhead/datastore/fold-case'
import type {
  AnyBulkWriteOperation,
  ClientSession,
  Filter,
  MongoDatastore,
} from '@bulkhead/datastore/mongodb/open'
import { inTransaction } from '@bulkhead/datastore/mongodb/transaction'
import type { Item } from '../../domain/item.ts'
import type { CallLimit } from '../limits.ts'
import type { ItemFilter, PersonalizationStore } from '../port.ts'
import { readAttributes, writeAttributes } from '../stored-json.ts'
import { lastById } from '../write-rules.ts'
import type { Collections, ItemDocument } from './collections.ts'

type CatalogueMethods = Pick<
  PersonalizationStore,
  | 'upsertItems'
  | 'insertMissingItems'
  | 'itemsByIds'
  | 'findItems'
  | 'countItems'
  | 'catalogueVersion'
  | 'popularItems'
>

/**
 * The catalogue on MongoDB. A change and the new catalogue version are one transaction. If the version rose first, a
 * reader could take old items for the new version; if it rose afterwards, a crash in between would hide the change.
 */
export function createMongoCatalogue(
  datastore: MongoDatastore,
  { items, counters, popularity }: Collections,
  limit: CallLimit,
): CatalogueMethods {
  const countChange = (session: ClientSession): Promise<unknown> =>
    counters.updateOne({ _id: 'catalogue' }, { $inc: { value: 1 } }, { session })

  return {
    async upsertItems(rows) {
      limit.assert('upsertItems', rows)
      if (rows.length === 0) return
      const operations = lastById(rows).map((item): AnyBulkWriteOperation<ItemDocument> => {
        const { _id, ...replacement } = writeItem(item)
        return { replaceOne: { filter: { _id }, replacement, upsert: true } }
      })
      await inTransaction(datastore, async (session) => {
        await items.bulkWrite(operations, { session })
        await countChange(session)
      })
    },

    async insertMissingItems(rows) {
      limit.assert('insertMissingItems', rows)
      if (rows.length === 0) return 0
      const operations = rows.map((item): AnyBulkWriteOperation<ItemDocument> => {
        const { _id, ...fields } = writeItem(item)
        return { updateOne: { filter: { _id }, update: { $setOnInsert: fields }, upsert: true } }
      })
      return inTransaction(datastore, async (session) => {
        const { upsertedCount } = await items.bulkWrite(operations, { session })
        if (upsertedCount > 0) await countChange(session)
        return upsertedCount
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

    async popularItems(limit) {
      const documents = await popularity
        .find()
        .sort({ interactions: -1, _id: 1 })
        .limit(limit)
        .batchSize(limit)
        .toArray()
      return documents.map(({ _id, interactions }) => ({ itemId: _id, interactions }))
    },
  }
}

function conditions(filter: ItemFilter): Filter<ItemDocument> {
  const all: Filter<ItemDocument>[] = []
  if (filter.ids !== undefined) all.push({ _id: { $in: [...filter.ids] } })
  if (filter.categories !== undefined) all.push({ categories: { $in: [...filter.categories] } })
  if (filter.creator !== undefined) all.push({ creator: filter.creator })
  if (filter.titleContains !== undefined) {
    // Not a regular expression: nothing to escape, and a NUL character may be in it.
    const position = { $indexOfBytes: ['$titleFolded', { $literal: foldCase(filter.titleContains) }] }
    all.push({ $expr: { $gte: [position, 0] } })
  }
  if (filter.available !== undefined) all.push({ available: filter.available })
  return all.length === 0 ? {} : { $and: all }
}

function writeItem({ id, attributes, ...fields }: Item): ItemDocument {
  return {
    _id: id,
    ...fields,
    titleFolded: foldCase(fields.title),
    attributes: writeAttributes(attributes),
  }
}

function readItem({ _id, titleFolded: _, attributes, ...fields }: ItemDocument): Item {
  return { id: _id, ...fields, attributes: readAttributes(attributes) }
}
