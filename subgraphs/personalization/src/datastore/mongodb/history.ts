import type { Filter } from '@bulkhead/datastore/mongodb/open'
import DataLoader from 'dataloader'
import type { HistoryLimits, Interaction } from '../../domain/interaction.ts'
import type { InteractionPosition, PersonalizationStore } from '../port.ts'
import { type HistoryWindow, readServingHistory, WINDOW_TYPES, type WindowRow } from '../serving-history.ts'
import { type Collections, type InteractionDocument, readInteraction } from './collections.ts'
import { HISTORY_INDEX, OPINION_INDEX, SKIP_INDEX, TRAINING_INDEX, USE_INDEX } from './migrations.ts'

type HistoryMethods = Pick<PersonalizationStore, 'servingHistory' | 'findInteractions' | 'scanInteractions'>

/** Each is read from its partial index alone. */
const WINDOWS = {
  opinions: { index: OPINION_INDEX, projection: { hiddenCreator: 1 } },
  used: { index: USE_INDEX, projection: {} },
  skipped: { index: SKIP_INDEX, projection: {} },
} as const satisfies Record<HistoryWindow, unknown>

const WINDOW_NAMES = ['opinions', 'used', 'skipped'] as const
/** What `hint` names: of a pipeline with unions it counts for the first one alone. */
const FIRST_INDEX = WINDOWS[WINDOW_NAMES[0]].index

/** Of one command, whose reads the server makes one after the other. */
const MAX_HISTORIES_PER_READ = 20
/** Of each window in that command: what is further back is read for that user alone, so that long histories delay nobody else. */
const MAX_FIRST_ROWS = 100

type HistoryOf = { readonly userId: string; readonly limits: HistoryLimits }

/**
 * Reads users' interactions. Each read is one range of an index. Each command names one, so that while a bulk import
 * defers the indexes, reads fail at once instead of reading everything.
 */
export function createMongoHistory({ interactions }: Collections): HistoryMethods {
  async function newest(
    userId: string,
    limit: number,
    after: InteractionPosition | null,
  ): Promise<readonly Interaction[]> {
    const documents = await interactions
      .find(after === null ? { userId } : olderThan(userId, after), { projection: { outbox: 0 } })
      .sort({ occurredAt: -1, _id: -1 })
      .hint(HISTORY_INDEX)
      .limit(limit)
      .batchSize(limit)
      .toArray()
    return documents.map(readInteraction)
  }

  /** The newest rows of all windows of several users in one round trip, since most of what a read costs is the trip. */
  async function readFirstPages(asked: readonly HistoryOf[]): Promise<readonly (readonly WindowRow[])[]> {
    const pages = asked.flatMap(({ userId, limits }, of) =>
      WINDOW_NAMES.map((window) => [
        { $match: { userId, type: { $in: [...WINDOW_TYPES[window]] } } },
        { $sort: { occurredAt: -1, _id: -1 } },
        { $limit: firstRows(limits[window]) },
        {
          $project: {
            ...{ _id: 1, itemId: 1, type: 1, occurredAt: 1, of: { $literal: of } },
            ...WINDOWS[window].projection,
          },
        },
      ]),
    )
    const [first = [], ...others] = pages
    const coll = interactions.collectionName
    const pipeline = [...first, ...others.map((page) => ({ $unionWith: { coll, pipeline: page } }))]
    const batchSize = 1 + sum(asked.flatMap(({ limits }) => Object.values(limits).map(firstRows)))
    const rows = await interactions
      .aggregate<StoredWindowRow & { readonly of: number }>(pipeline, { hint: FIRST_INDEX, batchSize })
      .toArray()
    const histories = asked.map((): WindowRow[] => [])
    for (const row of rows) histories[row.of]?.push(readWindowRow(row))
    return histories
  }

  /** Gathers what all requests ask for in one turn of the event loop. It caches nothing, so it need not belong to one request. */
  const firstPages = new DataLoader(readFirstPages, {
    cache: false,
    maxBatchSize: MAX_HISTORIES_PER_READ,
    batchScheduleFn: (read) => void setImmediate(read),
  })

  async function windowPage(
    userId: string,
    window: HistoryWindow,
    limit: number,
    after: InteractionPosition,
  ): Promise<readonly WindowRow[]> {
    const { index, projection } = WINDOWS[window]
    const older = { ...olderThan(userId, after), type: { $in: [...WINDOW_TYPES[window]] } }
    const rows = await interactions
      .find(older, { hint: index, batchSize: limit })
      .project<StoredWindowRow>({ _id: 1, itemId: 1, type: 1, occurredAt: 1, ...projection })
      .sort({ occurredAt: -1, _id: -1 })
      .limit(limit)
      .toArray()
    return rows.map(readWindowRow)
  }

  return {
    async servingHistory(userId, limits) {
      const first = await firstPages.load({ userId, limits })
      return readServingHistory(limits, first, (...page) => windowPage(userId, ...page), MAX_FIRST_ROWS)
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

function firstRows(limit: number): number {
  return Math.min(limit, MAX_FIRST_ROWS)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}

type StoredWindowRow = Omit<WindowRow, 'eventId'> & { readonly _id: string }

function readWindowRow({ _id, itemId, type, occurredAt, hiddenCreator = null }: StoredWindowRow): WindowRow {
  return { eventId: _id, itemId, type, occurredAt, hiddenCreator }
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
