import { isDuplicateKey } from '@bulkhead/datastore/mongodb/errors'
import type { ClientSession, MongoClient } from '@bulkhead/datastore/mongodb/open'
import type { ExperimentationStore, PositionedEvent } from '../port.ts'
import { readEvent } from '../stored-json.ts'
import type { Collections, SegmentDocument } from './collections.ts'

/**
 * Ingest positions on MongoDB (docs/adr/0003-ingest-positions.md).
 *
 * `segments` is an append-only log, numbered without gaps; segment n says which events have the positions
 * `from` … `to`. Appending n + 1 is an insert with that unique `_id`: of all writers that propose it, one succeeds.
 *
 * Invariants, each of which follows from the ones before it:
 * 1. Segment n + 1 is proposed only by a writer that has seen segment n marked `stamped`, and a writer marks it only
 *    after its own stamping of the whole segment was acknowledged by a majority. So where n + 1 exists, the events
 *    of 1 … n all carry their positions, durably.
 * 2. What n + 1 proposes was read after that, in one causally consistent session: none of those events was in
 *    1 … n. If the append succeeds, no other n + 1 existed, so nothing was positioned after the read either.
 *    Hence no event is in two segments.
 * 3. What stamping writes follows from the segment alone, and it touches only events that still are `unpositioned`.
 *    Repeating it, in any order, by anyone, or by a writer that wakes up years later, changes nothing.
 * 4. `head` is the end of the newest segment marked stamped: up to there every position is written, and by 2 and 3
 *    none is ever added or moved.
 *
 * If a writer freezes before the append, then after waking up its proposal is still correct, or the append fails. If it
 * freezes after the append, the next writer stamps the segment before it does anything else.
 */
export type PositioningStep = 'read head' | 'stamp' | 'mark stamped' | 'read unpositioned' | 'append segment'

export type Positioned =
  | { readonly type: 'positioned'; readonly count: number }
  | { readonly type: 'overtaken' }

/** Upper bound on events in a segment: stamping compares every event with every id of its segment. */
const MAX_SEGMENT = 500

/** How often one call starts over because another writer was faster. Each time, that writer positioned events. */
const MAX_OVERTAKEN = 20

const LINEARIZABLE_MS = 5000

type Sources = Pick<Collections, 'events' | 'segments'>

function newestSegment({ segments }: Sources, session: ClientSession): Promise<SegmentDocument | null> {
  return segments.findOne({}, { sort: { _id: -1 }, session })
}

/** Gives the events of a segment their positions; `eventIds` may be a part of the segment's. Idempotent. */
export async function stampEvents(
  { events }: Sources,
  segment: SegmentDocument,
  eventIds: readonly string[],
  session: ClientSession,
): Promise<void> {
  const offset = { $indexOfArray: [{ $literal: segment.eventIds ?? [] }, '$_id'] }
  await events.updateMany(
    { _id: { $in: [...eventIds] }, unpositioned: true },
    [{ $set: { position: { $add: [segment.from, offset] } } }, { $unset: 'unpositioned' }],
    { session },
  )
}

/**
 * One attempt to append a segment. Yields the name of each step before it takes it, so that a test can freeze a
 * writer between any two; `session` must be causally consistent and used by nobody else meanwhile.
 */
export async function* positioning(
  sources: Sources,
  session: ClientSession,
  limit: number,
): AsyncGenerator<PositioningStep, Positioned, void> {
  async function* complete(segment: SegmentDocument): AsyncGenerator<PositioningStep, void, void> {
    yield 'stamp'
    await stampEvents(sources, segment, segment.eventIds ?? [], session)
    yield 'mark stamped'
    await sources.segments.updateOne(
      { _id: segment._id },
      { $set: { stamped: true }, $unset: { eventIds: '' } },
      { session },
    )
  }

  yield 'read head'
  const head = await newestSegment(sources, session)
  if (head !== null && !head.stamped) yield* complete(head)

  yield 'read unpositioned'
  const found = await sources.events
    .find({ unpositioned: true }, { session, projection: { _id: 1 }, sort: { recordedAt: 1 } })
    .limit(Math.min(limit, MAX_SEGMENT))
    .toArray()
  if (found.length === 0) return { type: 'positioned', count: 0 }

  const from = (head?.to ?? 0) + 1
  const segment: SegmentDocument = {
    _id: (head?._id ?? 0) + 1,
    from,
    to: from + found.length - 1,
    eventIds: found.map((event) => event._id),
    stamped: false,
  }
  yield 'append segment'
  try {
    await sources.segments.insertOne(segment, { session })
  } catch (error) {
    if (isDuplicateKey(error)) return { type: 'overtaken' }
    throw error
  }
  yield* complete(segment)
  return { type: 'positioned', count: found.length }
}

async function finish(steps: AsyncGenerator<PositioningStep, Positioned, void>): Promise<Positioned> {
  for (;;) {
    const step = await steps.next()
    if (step.done) return step.value
  }
}

export function createMongoPositions(
  client: MongoClient,
  sources: Sources,
): Pick<ExperimentationStore, 'assignPositions' | 'head' | 'eventsBetween'> {
  /** The highest head seen, and the operation time of its read: a read that is not earlier sees it too. */
  let known: { position: number; operationTime: ClientSession['operationTime'] } = {
    position: 0,
    operationTime: undefined,
  }

  const readHead = (level: 'majority' | 'linearizable'): Promise<number> =>
    client.withSession({ causalConsistency: true }, async (session) => {
      const newest = await sources.segments.findOne(
        {},
        {
          sort: { _id: -1 },
          projection: { eventIds: 0 },
          session,
          readConcern: { level },
          // A linearizable read waits for a majority. Without this limit it would wait for ever if there is none.
          ...(level === 'linearizable' && { maxTimeMS: LINEARIZABLE_MS }),
        },
      )
      const position = newest === null ? 0 : newest.stamped ? newest.to : newest.from - 1
      if (position > known.position) known = { position, operationTime: session.operationTime }
      return position
    })

  return {
    assignPositions: (limit) =>
      client.withSession({ causalConsistency: true }, async (session) => {
        let count = 0
        let overtaken = 0
        while (count < limit && overtaken < MAX_OVERTAKEN) {
          const room = Math.min(limit - count, MAX_SEGMENT)
          const result = await finish(positioning(sources, session, room))
          if (result.type === 'overtaken') {
            overtaken += 1
            continue
          }
          count += result.count
          if (result.count < room) break
        }
        return count
      }),

    head: () => readHead('majority'),

    async eventsBetween({ after, upTo, limit }) {
      if (upTo <= after || limit <= 0) return []
      // Another replica read this head. After a failover a majority read may lag behind for a moment and miss events.
      // A linearizable read does not, and neither does a read that is later than it.
      if (upTo > known.position) await readHead('linearizable')
      if (upTo > known.position) {
        throw new RangeError(`upTo ${upTo} is above the head ${known.position}`)
      }
      const { operationTime } = known
      return client.withSession({ causalConsistency: true }, async (session) => {
        if (operationTime !== undefined) session.advanceOperationTime(operationTime)
        const documents = await sources.events
          .find(
            { position: { $gt: after, $lte: upTo } },
            { session, sort: { position: 1 }, limit, batchSize: limit },
          )
          .toArray()
        return documents.flatMap(({ body, producer, recordedAt, position }): PositionedEvent[] =>
          position === undefined ? [] : [{ event: readEvent(body), producer, recordedAt, position }],
        )
      })
    },
  }
}
