import type { MongoDatastore } from '@bulkhead/datastore/mongodb/open'
import { inTransaction } from '@bulkhead/datastore/mongodb/transaction'
import { userHash } from '../../domain/erasure.ts'
import { createCallLimit } from '../limits.ts'
import type { DeadLetter, PersonalizationStore } from '../port.ts'
import { readEvent } from '../stored-json.ts'
import { unitOfLetter } from '../write-rules.ts'
import { type Collections, outboxOf } from './collections.ts'
import { insertNew } from './insert-new.ts'

type DeadLetterMethods = Pick<
  PersonalizationStore,
  'addDeadLetters' | 'deadLetterCount' | 'listDeadLetters' | 'replayDeadLetters' | 'expireDeadLetters'
>

/** Events that experimentation has refused for good. */
export function createMongoDeadLetters(
  datastore: MongoDatastore,
  { deadLetters, erasures, outboxEvents }: Collections,
): DeadLetterMethods {
  const limit = createCallLimit()

  /** Those about users who were erased after the event. */
  async function erasedSince(letters: readonly DeadLetter[]): Promise<ReadonlySet<DeadLetter>> {
    const hashes = new Map<DeadLetter, string>()
    for (const letter of letters) {
      const unit = unitOfLetter(letter.event)
      if (unit !== null) hashes.set(letter, userHash(unit))
    }
    const known = await erasures
      .find({ userHash: { $in: [...new Set(hashes.values())] } }, { projection: { userHash: 1, at: 1 } })
      .toArray()
    return new Set(
      letters.filter((letter) =>
        known.some(
          (erasure) =>
            erasure.userHash === hashes.get(letter) && erasure.at >= Date.parse(letter.event.occurredAt),
        ),
      ),
    )
  }

  return {
    async addDeadLetters(letters) {
      const erased = await erasedSince(letters)
      await insertNew(
        deadLetters,
        letters
          .filter((letter) => !erased.has(letter))
          .map(({ event, code, message, at }) => ({
            _id: event.eventId,
            unit: unitOfLetter(event),
            event: JSON.stringify(event),
            code,
            message,
            at,
          })),
      )
    },

    deadLetterCount: () => deadLetters.estimatedDocumentCount(),

    async listDeadLetters({ limit, after }) {
      const later =
        after === null
          ? {}
          : { $or: [{ at: { $gt: after.at } }, { at: after.at, _id: { $gt: after.eventId } }] }
      const documents = await deadLetters
        .find(later)
        .sort({ at: 1, _id: 1 })
        .limit(limit)
        .batchSize(limit + 1)
        .toArray()
      return documents.map(({ event, code, message, at }) => ({ event: readEvent(event), code, message, at }))
    },

    async replayDeadLetters(eventIds) {
      limit.assert('replayDeadLetters', eventIds)
      if (eventIds.length === 0) return 0
      return inTransaction(datastore, async (session) => {
        const chosen = { _id: { $in: [...eventIds] } }
        const letters = await deadLetters.find(chosen, { session }).toArray()
        if (letters.length === 0) return 0
        const operations = letters.map(({ _id, event }) => ({
          updateOne: {
            filter: { _id: `letter:${_id}` },
            update: { $setOnInsert: outboxOf([readEvent(event)]) },
            upsert: true,
          },
        }))
        await outboxEvents.bulkWrite(operations, { session })
        const { deletedCount } = await deadLetters.deleteMany(chosen, { session })
        return deletedCount
      })
    },

    async expireDeadLetters({ before, keep, limit }) {
      // A boundary instead of a number to delete: replicas that do this at the same time find the same one.
      const newest = { projection: { at: 1 }, sort: { at: -1, _id: -1 }, skip: keep } as const
      const beyond = await deadLetters.findOne({}, newest)
      const surplus =
        beyond === null ? [] : [{ at: { $lt: beyond.at } }, { at: beyond.at, _id: { $lte: beyond._id } }]
      const found = await deadLetters
        .find({ $or: [{ at: { $lt: before } }, ...surplus] }, { projection: { at: 1 } })
        .sort({ at: 1, _id: 1 })
        .limit(limit)
        .batchSize(limit + 1)
        .toArray()
      if (found.length === 0) return 0
      const expired = found.map(({ _id }) => _id)
      const { deletedCount } = await deadLetters.deleteMany({ _id: { $in: expired } })
      return deletedCount
    },
  }
}
