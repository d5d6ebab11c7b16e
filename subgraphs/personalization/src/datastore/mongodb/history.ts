import type { InteractionType } from '@bulkhead/contracts'
import type { Filter } from '@bulkhead/datastore/mongodb/open'
import {
  BLOCKING_TYPES,
  type Interaction,
  type ServingHistory,
  TASTE_TYPES,
} from '../../domain/interaction.ts'
import type { InteractionPosition, PersonalizationStore } from '../port.ts'
import { type Collections, type InteractionDocument, readInteraction } from './collections.ts'
import { BLOCKING_INDEX, TASTE_INDEX, TRAINING_INDEX } from './migrations.ts'

type HistoryMethods = Pick<PersonalizationStore, 'servingHistory' | 'findInteractions' | 'scanInteractions'>

/** Reads users' interactions. Each read is one range of an index. */
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

  function newestOf(
    userId: string,
    types: readonly InteractionType[],
    index: string,
    limit: number,
  ): Promise<ServingHistory['recent'][number][]> {
    return interactions
      .find({ userId, type: { $in: [...types] } }, { hint: index, batchSize: limit })
      .project<ServingHistory['recent'][number]>({ _id: 0, itemId: 1, type: 1 })
      .sort({ occurredAt: -1, _id: -1 })
      .limit(limit)
      .toArray()
  }

  return {
    async servingHistory(userId, limits) {
      // Run at the same time, so that they take one round trip's time. Each reads nothing but its partial index.
      const [recent, blocked] = await Promise.all([
        newestOf(userId, TASTE_TYPES, TASTE_INDEX, limits.recent),
        newestOf(userId, BLOCKING_TYPES, BLOCKING_INDEX, limits.blocked),
      ])
      return { recent, blockedItemIds: [...new Set(blocked.map(({ itemId }) => itemId))] }
    },

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

/** The first condition limits the range of the index; the second skips what the previous page already returned. */
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
