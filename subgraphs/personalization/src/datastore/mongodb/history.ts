import type { Filter } from '@bulkhead/datastore/mongodb'
import type { Interaction } from '../../domain/interaction.ts'
import type { InteractionPosition, PersonalizationStore } from '../port.ts'
import { type Collections, type InteractionDocument, readInteraction } from './documents.ts'
import { TRAINING_INDEX } from './migrations.ts'

type HistoryMethods = Pick<
  PersonalizationStore,
  'recentInteractions' | 'findInteractions' | 'scanInteractions'
>

/** Reads of what users did, each one range of an index. */
export function createMongoHistory({ interactions }: Collections): HistoryMethods {
  async function newest(
    userId: string,
    limit: number,
    after: InteractionPosition | null,
  ): Promise<readonly Interaction[]> {
    const documents = await interactions
      .find(after === null ? { userId } : olderThan(userId, after), { projection: { outbox: 0 } })
      .sort({ occurredAt: -1, _id: -1 })
      .limit(limit)
      .batchSize(limit)
      .toArray()
    return documents.map(readInteraction)
  }

  return {
    recentInteractions: (userId, limit) => newest(userId, limit, null),

    async findInteractions({ userId, limit, after }) {
      const found = await newest(userId, limit + 1, after)
      return { interactions: found.slice(0, limit), hasMore: found.length > limit }
    },

    async scanInteractions({ after, limit }) {
      const documents = await interactions
        .find(after === null ? {} : laterThan(after), { projection: { outbox: 0 } })
        .sort({ userId: 1, itemId: 1, _id: 1 })
        .hint(TRAINING_INDEX)
        .limit(limit)
        .batchSize(limit)
        .toArray()
      return documents.map(readInteraction)
    },
  }
}

/** The first condition bounds the index range, the second leaves out what the page before ended with. */
function olderThan(
  userId: string,
  { occurredAt, eventId }: InteractionPosition,
): Filter<InteractionDocument> {
  return {
    userId,
    occurredAt: { $lte: occurredAt },
    $or: [{ occurredAt: { $lt: occurredAt } }, { occurredAt, _id: { $lt: eventId } }],
  }
}

function laterThan({ userId, itemId, eventId }: Interaction): Filter<InteractionDocument> {
  return {
    userId: { $gte: userId },
    $or: [
      { userId: { $gt: userId } },
      { userId, itemId: { $gt: itemId } },
      { userId, itemId, _id: { $gt: eventId } },
    ],
  }
}
