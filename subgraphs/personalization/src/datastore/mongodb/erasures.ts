import type {
  ClientSession,
  Collection,
  Document,
  Filter,
  MongoDatastore,
} from '@bulkhead/datastore/mongodb/open'
import { inTransaction } from '@bulkhead/datastore/mongodb/transaction'
import type { Erasure } from '../../domain/erasure.ts'
import { isOpen, NOTHING_ERASED } from '../erasure-rules.ts'
import type { ErasedRows, PersonalizationStore } from '../port.ts'
import { consumedItems } from '../write-rules.ts'
import {
  type Collections,
  type ErasureDocument,
  type InteractionDocument,
  outboxOf,
  readInteraction,
  type SlateDocument,
  type WithOutbox,
} from './collections.ts'

type ErasureMethods = Pick<
  PersonalizationStore,
  'beginErasure' | 'eraseSome' | 'openErasures' | 'finishErasure' | 'erasureLog'
>

/**
 * Erasures on MongoDB. Events that are not delivered are part of the slate or interaction that goes; they move to a
 * document of their own in the same transaction. If a claim holds them, they are due again when its lease ends, and may be
 * delivered twice, which the receiver sees by their ids.
 */
export function createMongoErasures(datastore: MongoDatastore, collections: Collections): ErasureMethods {
  const { interactions, slates, popularity, deadLetters, erasures, outboxEvents } = collections

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
  ): Promise<readonly Row[]> {
    const found = (await collection
      .find(filter, { session })
      .limit(limit)
      .batchSize(limit + 1)
      .toArray()) as unknown as readonly Row[]
    if (found.length === 0) return found
    await collection.deleteMany({ _id: { $in: found.map(({ _id }) => _id) } } as Filter<Row>, { session })
    return found
  }

  async function uncount(erased: readonly InteractionDocument[], session: ClientSession): Promise<void> {
    const counts = consumedItems(erased.map(readInteraction))
    if (counts.size === 0) return
    const operations = [...counts].map(([_id, count]) => ({
      updateOne: { filter: { _id }, update: { $inc: { interactions: -count } } },
    }))
    await popularity.bulkWrite(operations, { session })
    await popularity.deleteMany({ _id: { $in: [...counts.keys()] }, interactions: { $lte: 0 } }, { session })
  }

  async function eraseSome(
    query: { readonly erasureId: string; readonly through: number; readonly limit: number },
    session: ClientSession,
  ): Promise<ErasedRows> {
    const { erasureId, through, limit } = query
    const open = await erasures.findOne({ _id: erasureId, open: true }, { session })
    const userId = open?.userId ?? null
    if (userId === null) return NOTHING_ERASED
    const gone = await takeOut(interactions, { userId, occurredAt: { $lte: through } }, limit, session)
    await keepEvents('interaction', gone, session)
    await uncount(gone, session)
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
