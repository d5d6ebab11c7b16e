import type {
  ClientSession,
  Collection,
  Document,
  Filter,
  MongoDatastore,
} from '@bulkhead/datastore/mongodb/open'
import { inTransaction } from '@bulkhead/datastore/mongodb/transaction'
import type { Erasure } from '../../domain/erasure.ts'
import { CONSUMING_TYPES } from '../../domain/interaction.ts'
import { isUse, type Popularity, popularityOfUses } from '../../domain/popularity.ts'
import { isOpen, NOTHING_ERASED } from '../erasure-rules.ts'
import type { ErasedRows, PersonalizationStore } from '../port.ts'
import { noteUncounted } from './bulk-import.ts'
import {
  type Collections,
  type ErasureDocument,
  outboxOf,
  type SlateDocument,
  type WithOutbox,
} from './collections.ts'

type ErasureMethods = Pick<
  PersonalizationStore,
  'beginErasure' | 'eraseSome' | 'openErasures' | 'finishErasure' | 'erasureLog'
>

const NOBODY: Popularity = { listeners: 0, trend: 0 }

/**
 * Erasures on MongoDB. Events that are not delivered are part of the slate or interaction that goes; they move to a
 * document of their own in the same transaction. If a claim holds them, they are due again when its lease ends, and may be
 * delivered twice, which the receiver sees by their ids.
 */
export function createMongoErasures(datastore: MongoDatastore, collections: Collections): ErasureMethods {
  const { interactions, slates, popularity, itemListeners, deadLetters, erasures, outboxEvents } = collections

  async function keepEvents(
    owner: string,
    documents: readonly (WithOutbox & { readonly _id: string })[],
    session: ClientSession,
  ): Promise<void> {
    const operations = documents.flatMap(({ _id, outbox }) => {
      if (outbox === undefined) return []
      const kept = { outbox }
      return [
        { updateOne: { filter: { _id: `${owner}:${_id}` }, update: { $setOnInsert: kept }, upsert: true } },
      ]
    })
    if (operations.length > 0) await outboxEvents.bulkWrite(operations, { session })
  }

  async function takeOut<Row extends Document & { readonly _id: string }>(
    collection: Collection<Row>,
    filter: Filter<Row>,
    limit: number,
    session: ClientSession,
    order: Readonly<Record<string, 1 | -1>> = {},
  ): Promise<readonly Row[]> {
    const found = (await collection
      .find(filter, { session })
      .sort(order)
      .limit(limit)
      .batchSize(limit + 1)
      .toArray()) as unknown as readonly Row[]
    if (found.length === 0) return found
    await collection.deleteMany({ _id: { $in: found.map(({ _id }) => _id) } } as Filter<Row>, { session })
    return found
  }

  /**
   * Of those that the user has no use of any more: popularity counts this listener no longer.
   * @param imported those of the items of which it has counted this listener although none is kept
   */
  async function uncount(
    userId: string,
    uses: ReadonlyMap<string, Popularity>,
    imported: ReadonlySet<string>,
    session: ClientSession,
  ): Promise<void> {
    if (uses.size === 0) return
    const itemIds = [...uses.keys()]
    const type = { $in: CONSUMING_TYPES }
    const used = await interactions.distinct(
      'itemId',
      { userId, itemId: { $in: itemIds }, type },
      { session },
    )
    const left = new Set(used)
    const unused = itemIds.filter((itemId) => !left.has(itemId))
    const pairs = unused.map((itemId) => ({ itemId, userId }))
    const kept = await itemListeners.find({ _id: { $in: pairs } }, { session }).toArray()
    const listened = new Set(kept.map(({ _id }) => _id.itemId))
    const gone = unused.filter((itemId) => listened.has(itemId) || imported.has(itemId))
    if (gone.length === 0) return
    await itemListeners.deleteMany({ _id: { $in: kept.map(({ _id }) => _id) } }, { session })
    const operations = gone.map((_id) => {
      const { listeners, trend } = uses.get(_id) ?? NOBODY
      return { updateOne: { filter: { _id }, update: { $inc: { listeners: -listeners, trend: -trend } } } }
    })
    await popularity.bulkWrite(operations, { session })
    await popularity.deleteMany({ _id: { $in: gone }, listeners: { $lte: 0 } }, { session })
  }

  /** What was counted after its interaction was erased. */
  async function forgetListener(userId: string): Promise<void> {
    const left = await itemListeners.find({ '_id.userId': userId }).toArray()
    const one: Popularity = { listeners: 1, trend: 0 }
    const uses = new Map(left.map(({ _id }) => [_id.itemId, one]))
    if (uses.size > 0) await inTransaction(datastore, (session) => uncount(userId, uses, new Set(), session))
  }

  async function eraseSome(
    query: { readonly erasureId: string; readonly through: number; readonly limit: number },
    session: ClientSession,
  ): Promise<ErasedRows> {
    const { erasureId, through, limit } = query
    const open = await erasures.findOne({ _id: erasureId, open: true }, { session })
    const userId = open?.userId ?? null
    if (userId === null) return NOTHING_ERASED
    // The newest first, so that the use which counted is among the last of its item.
    const gone = await takeOut(interactions, { userId, occurredAt: { $lte: through } }, limit, session, {
      occurredAt: -1,
    })
    await keepEvents('interaction', gone, session)
    const imported = new Set(
      gone.filter((one) => one.imported === true && isUse(one)).map(({ itemId }) => itemId),
    )
    await uncount(userId, popularityOfUses(gone, Date.now()), imported, session)
    if (gone.length > 0) await noteUncounted(collections, session)
    const ofUser: Filter<SlateDocument> = { userId, createdAt: { $lte: through } }
    const goneSlates = await takeOut(slates, ofUser, limit, session)
    await keepEvents('slate', goneSlates, session)
    const letters = await takeOut(deadLetters, { unit: userId, at: { $lte: through } }, limit, session)
    const erased = { interactions: gone.length, slates: goneSlates.length }
    await erasures.updateOne({ _id: erasureId }, { $inc: erased }, { session })
    return { ...erased, deadLetters: letters.length }
  }

  return {
    async beginErasure({ id, ...fields }, event) {
      await inTransaction(datastore, async (session) => {
        const { upsertedCount } = await erasures.updateOne(
          { _id: id },
          { $setOnInsert: { ...fields, open: true } },
          { upsert: true, session },
        )
        if (upsertedCount === 0) return
        await outboxEvents.insertOne({ _id: `erasure:${id}`, ...outboxOf([event]) }, { session })
      })
    },

    eraseSome: (query) => inTransaction(datastore, (session) => eraseSome(query, session)),

    async openErasures(limit) {
      const documents = await erasures.find({ open: true }).sort({ at: 1, _id: 1 }).limit(limit).toArray()
      return documents.map(readErasure).filter(isOpen)
    },

    async finishErasure(id, at) {
      const open = await erasures.findOne({ _id: id, open: true })
      if (open !== null && open.userId !== null) await forgetListener(open.userId)
      await erasures.updateOne(
        { _id: id, open: true },
        { $set: { finishedAt: at, userId: null }, $unset: { open: '' } },
      )
    },

    async erasureLog(limit) {
      const documents = await erasures.find().sort({ at: -1, _id: -1 }).limit(limit).toArray()
      return documents.map(readErasure)
    },
  }
}

function readErasure({ _id, open: _, ...fields }: ErasureDocument): Erasure {
  return { id: _id, ...fields }
}
