import type { ClientSession } from '@bulkhead/datastore/mongodb/open'
import {
  type ErasedInstants,
  type ErasureProgress,
  isErased,
  type UnitErasure,
  unitHash,
} from '../../domain/erasure.ts'
import { isErasedBody, textOfUnitBody } from '../erased-bodies.ts'
import { eraseRows, textOfUnit, UNIT_KINDS } from '../event-blocks.ts'
import type { ExperimentationStore, IncomingEvent } from '../port.ts'
import { erasedInstants, readErasure, START, unitOf } from '../unit-erasures.ts'
import type { Collections } from './collections.ts'
import type { KnownErasures } from './known-erasures.ts'

/**
 * Erasing units on MongoDB, where storing events is no transaction.
 *
 * An erasure is first recorded, then the mark is raised, then the erasure is carried out. A writer first stores its block,
 * then looks, in the same causally consistent session, for erasures of its units (`eraseLate`), and only then acknowledges.
 * Either the block was stored before the mark was raised: then the scan, which begins later, finds it. Or the writer finds
 * the erasure. A writer that dies in between has acknowledged nothing: whoever delivers the events again looks as well.
 * `withoutErased` is only there so that what comes late is not even stored.
 *
 * Blocks are gone through by `_id`, which never changes, so one that gets its position meanwhile is not missed.
 */
type Sources = Pick<Collections, 'eventBlocks' | 'eventIds'>

/** Whoever has a copy of the registry reads it again. Resolves when every later read of the mark sees it. */
async function markErasures({ erasureMark }: Pick<Collections, 'erasureMark'>): Promise<void> {
  await erasureMark.updateOne({ _id: 'units' }, { $inc: { raised: 1 } }, { upsert: true })
}

/** The newest instant wins. The comparison is part of the update, so that none is lost between two that come at once. */
export async function keepErasures(
  collections: Pick<Collections, 'erasures' | 'erasureMark'>,
  added: readonly Omit<UnitErasure, 'progress'>[],
): Promise<void> {
  const updates = added.map(({ unit, occurredAt, recordedAt }) => {
    const _id = unitHash(unit)
    const newest = { $literal: { _id, unit, occurredAt, recordedAt, progress: START } }
    const isNewer = {
      $or: [{ $eq: [{ $type: '$occurredAt' }, 'missing'] }, { $lt: ['$occurredAt', occurredAt] }],
    }
    const update = [{ $replaceWith: { $cond: [isNewer, newest, '$$ROOT'] } }]
    return { updateOne: { filter: { _id }, update, upsert: true } }
  })
  if (updates.length === 0) return
  await collections.erasures.bulkWrite(updates)
  await markErasures(collections)
}

function isLate(item: IncomingEvent, erased: ErasedInstants): boolean {
  const unit = unitOf(item)
  return unit !== null && isErased(unit, item.occurredAt, erased)
}

export async function withoutErased(
  known: KnownErasures,
  events: readonly IncomingEvent[],
): Promise<readonly IncomingEvent[]> {
  const erased = await known.find(events.map(unitOf))
  return erased.size === 0 ? events : events.filter((item) => !isLate(item, erased))
}

/** Erases what has just been stored of units whose erasure was recorded meanwhile. */
export async function eraseLate(
  sources: Sources,
  known: KnownErasures,
  session: ClientSession,
  events: readonly IncomingEvent[],
): Promise<void> {
  const erased = await known.find(events.map(unitOf), session)
  if (erased.size === 0) return
  const late = events.filter((item) => isLate(item, erased)).map(({ event }) => event.eventId)
  if (late.length === 0) return
  const claims = await sources.eventIds
    .find({ _id: { $in: late } }, { session, projection: { b: 1 }, batchSize: late.length + 1 })
    .toArray()
  for (const name of new Set(claims.map(({ b }) => b))) await eraseBlock(sources, name, erased, session)
}

async function eraseBlock(
  { eventBlocks }: Pick<Collections, 'eventBlocks'>,
  _id: string,
  erased: ErasedInstants,
  session?: ClientSession,
): Promise<number> {
  const options = session === undefined ? {} : { session }
  for (;;) {
    const block = await eventBlocks.findOne({ _id, count: { $gt: 0 } }, options)
    if (block === null) return 0
    const { rows, count } = eraseRows(block.rows, erased)
    if (count === 0) return 0
    const before = block.erased ?? 0
    const { matchedCount } = await eventBlocks.updateOne(
      { _id, ...(before === 0 ? { erased: { $exists: false } } : { erased: before }) },
      { $set: { rows, erased: before + count } },
      options,
    )
    // If not, another replica has changed it.
    if (matchedCount === 1) return count
  }
}

/** Documents whose text field holds one of the texts. */
function holdsOneOf(field: string, texts: readonly string[]) {
  return {
    $expr: { $or: texts.map((text) => ({ $gte: [{ $indexOfBytes: [field, { $literal: text }] }, 0] })) },
  }
}

/** Ids of rejections are texts and, of events without an id, ObjectIds, which come after all texts. */
const OBJECT_ID = 'ObjectId '

function afterRejection(after: string | null): object {
  if (after === null) return {}
  const isObjectId = { _id: { $type: 'objectId' } }
  if (!after.startsWith(OBJECT_ID)) return { $or: [{ _id: { $gt: after } }, isObjectId] }
  return { ...isObjectId, $expr: { $gt: ['$_id', { $toObjectId: after.slice(OBJECT_ID.length) }] } }
}

type Erasing = Pick<
  ExperimentationStore,
  'waitingErasures' | 'eraseUnits' | 'eraseCountedUnits' | 'moveErasures' | 'forgetErasures'
>

export function createMongoErasures(
  collections: Pick<
    Collections,
    'erasures' | 'erasureMark' | 'eventBlocks' | 'rejections' | 'exposureCounts' | 'exposureUnits'
  >,
): Erasing {
  const { erasures: registry, eventBlocks, rejections, exposureCounts, exposureUnits } = collections

  async function eraseBlocks(after: string | null, limit: number, erasures: readonly UnitErasure[]) {
    const from = after === null ? {} : { $gt: after }
    const ids = await eventBlocks
      .find(after === null ? {} : { _id: from }, {
        projection: { _id: 1 },
        sort: { _id: 1 },
        limit,
        batchSize: limit + 1,
      })
      .toArray()
    const last = ids.at(-1)?._id
    if (last === undefined) return { after: null, erased: 0 }
    const found = await eventBlocks
      .find(
        {
          _id: { ...from, $lte: last },
          kind: { $in: UNIT_KINDS },
          ...holdsOneOf(
            '$rows',
            erasures.map(({ unit }) => textOfUnit(unit)),
          ),
        } as { _id: { $lte: string } },
        { projection: { _id: 1 }, batchSize: limit + 1 },
      )
      .toArray()
    const instants = erasedInstants(erasures)
    let erased = 0
    for (const { _id } of found) erased += await eraseBlock(collections, _id, instants)
    return { after: last, erased }
  }

  async function eraseBodies(after: string | null, limit: number, erasures: readonly UnitErasure[]) {
    const ids = await rejections
      .find(afterRejection(after), {
        projection: { _id: 1 },
        sort: { _id: 1 },
        limit,
        batchSize: limit + 1,
      })
      .toArray()
    const last: unknown = ids.at(-1)?._id
    if (last === undefined || last === null) return { after: null, erased: 0 }
    const found = await rejections
      .find(
        {
          _id: { $in: ids.map(({ _id }) => _id) },
          ...holdsOneOf(
            '$body',
            erasures.map(({ unit }) => textOfUnitBody(unit)),
          ),
        } as object,
        { projection: { body: 1 }, batchSize: limit + 1 },
      )
      .toArray()
    const instants = erasedInstants(erasures)
    const late = found.filter(({ body }) => isErasedBody(body, instants)).map(({ _id }) => _id)
    if (late.length > 0) await rejections.updateMany({ _id: { $in: late } }, { $set: { body: '' } })
    const name = typeof last === 'string' ? last : `${OBJECT_ID}${last}`
    return { after: name, erased: late.length }
  }

  return {
    async waitingErasures(limit) {
      const found = await registry
        .find({ unit: { $exists: true } }, { sort: { recordedAt: 1, _id: 1 }, limit, batchSize: limit + 1 })
        .toArray()
      return found.flatMap(({ unit, occurredAt, recordedAt, progress }) =>
        unit === undefined ? [] : [readErasure({ unit, occurredAt, recordedAt, progress })],
      )
    },

    async eraseUnits({ place, erasures, after, limit }) {
      if (erasures.length === 0) return { after: null, erased: 0 }
      // Whoever recorded them may have died before it raised the mark.
      if (place === 'events' && after === null) await markErasures(collections)
      return place === 'events' ? eraseBlocks(after, limit, erasures) : eraseBodies(after, limit, erasures)
    },

    async eraseCountedUnits(units) {
      const keys: readonly string[] = await exposureCounts.distinct('_id.e')
      if (units.length === 0 || keys.length === 0) return
      await exposureUnits.deleteMany({ _id: { $in: units.flatMap((u) => keys.map((e) => ({ e, u }))) } })
    },

    async moveErasures(erasures, to: ErasureProgress | 'done') {
      if (erasures.length === 0) return 0
      const updates = erasures.map(({ unit, occurredAt, progress }) => ({
        updateOne: {
          filter: { _id: unitHash(unit), unit, occurredAt, progress: JSON.stringify(progress) },
          update:
            to === 'done'
              ? { $set: { progress: START }, $unset: { unit: '' as const } }
              : { $set: { progress: JSON.stringify(to) } },
        },
      }))
      const { matchedCount } = await registry.bulkWrite(updates, { ordered: false })
      return matchedCount
    },

    async forgetErasures(before) {
      // Not soon after it came, however old its instant is: what was derived from the log follows it.
      const { deletedCount } = await registry.deleteMany({
        unit: { $exists: false },
        occurredAt: { $lt: before },
        recordedAt: { $lt: before },
      })
      return deletedCount
    },
  }
}
