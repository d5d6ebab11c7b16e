import { MAX_EVENTS_PER_BATCH } from '@bulkhead/contracts'
import { isDuplicateKey } from '@bulkhead/datastore/mongodb/errors'
import type { ClientSession, Condition, MongoClient } from '@bulkhead/datastore/mongodb/open'
import { readBlock, VOUCHING_KINDS } from '../event-blocks.ts'
import type { ExperimentationStore, PositionedEvent } from '../port.ts'
import type { Collections, EventBlockDocument, SegmentDocument } from './collections.ts'

/**
 * Ingest positions on MongoDB (docs/adr/0015-events-in-blocks.md).
 *
 * `segments` is an append-only log, numbered without gaps; segment n says which blocks of events have the positions
 * `from` … `to`. Appending n + 1 is an insert with that unique `_id`: of all writers that propose it, one succeeds.
 *
 * Invariants, each of which follows from the ones before it:
 * 1. Segment n + 1 is proposed only by a writer that has seen segment n marked `stamped`, and a writer marks it only
 *    after its own stamping of the whole segment was acknowledged by a majority. So where n + 1 exists, the blocks
 *    of 1 … n all carry their positions, durably.
 * 2. What n + 1 proposes was read after that, in one causally consistent session: none of those blocks was in
 *    1 … n. If the append succeeds, no other n + 1 existed, so nothing was positioned after the read either.
 *    Hence no block is in two segments.
 * 3. What stamping writes follows from the segment alone, and it touches only blocks that still are `unpositioned`.
 *    Repeating it, in any order, by anyone, or by a writer that wakes up years later, changes nothing.
 * 4. `head` is the end of the newest segment marked stamped: up to there every position is written, and by 2 and 3
 *    none is ever added or moved.
 * 5. What vouches (a heartbeat) is read first, then, in the same session, the other blocks. An event that was
 *    acknowledged before a heartbeat was sent was durable at a majority before the heartbeat was stored. So a majority
 *    read that is not earlier than the one that found the heartbeat finds the event's block too, positioned or not. The
 *    segment takes heartbeats only if it takes every other block that was found unpositioned, and puts them at its end.
 *    Hence all of these blocks have lower positions. No clock is part of this: `recordedAt` only says what goes first
 *    among blocks that do not vouch.
 *
 * If a writer freezes before the append, then after waking up its proposal is still correct, or the append fails. If it
 * freezes after the append, the next writer stamps the segment before it does anything else.
 */
export type PositioningStep =
  | 'read head'
  | 'stamp'
  | 'mark stamped'
  | 'read vouching'
  | 'read others'
  | 'append segment'

export type Positioned =
  | { readonly type: 'positioned'; readonly blocks: number; readonly events: number }
  | { readonly type: 'overtaken' }

/**
 * Upper bound on blocks in a segment. While there are more than these to position, heartbeats wait, so it is far above
 * what ingest stores between two runs.
 */
const MAX_SEGMENT = 2_000

/** How often one call starts over because another writer was faster. Each time, that writer positioned events. */
const MAX_OVERTAKEN = 20

const LINEARIZABLE_MS = 5000

const BLOCKS_PER_READ = 50

type Sources = Pick<Collections, 'eventBlocks' | 'segments'>

function newestSegment({ segments }: Sources, session: ClientSession): Promise<SegmentDocument | null> {
  return segments.findOne({}, { sort: { _id: -1 }, session })
}

type SegmentBlock = NonNullable<SegmentDocument['blocks']>[number]

/** Gives the blocks of a segment their positions, all or some of them. Idempotent. */
export async function stampBlocks(
  { eventBlocks }: Sources,
  { from, blocks = [] }: Pick<SegmentDocument, 'from' | 'blocks'>,
  session: ClientSession,
  isStamped: (index: number) => boolean = () => true,
): Promise<void> {
  let next = from
  const stamps = blocks.map(({ _id, count }) => {
    const first = next
    next += count
    return {
      updateOne: {
        filter: { _id, unpositioned: true as const },
        update: { $set: { first }, $unset: { unpositioned: '' as const } },
      },
    }
  })
  const chosen = stamps.filter((_, index) => isStamped(index))
  if (chosen.length > 0) await eventBlocks.bulkWrite(chosen, { ordered: false, session })
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
    await stampBlocks(sources, segment, session)
    yield 'mark stamped'
    await sources.segments.updateOne(
      { _id: segment._id },
      { $set: { stamped: true }, $unset: { blocks: '' } },
      { session },
    )
  }

  yield 'read head'
  const head = await newestSegment(sources, session)
  if (head !== null && !head.stamped) yield* complete(head)

  const room = Math.min(limit, MAX_SEGMENT)
  async function unpositioned(
    kind: Condition<EventBlockDocument['kind']>,
    count: number,
  ): Promise<SegmentBlock[]> {
    return sources.eventBlocks
      .find(
        { unpositioned: true, kind },
        {
          session,
          projection: { count: 1 },
          sort: { recordedAt: 1, _id: 1 },
          limit: count,
          batchSize: count + 1,
        },
      )
      .toArray()
  }
  yield 'read vouching'
  const vouching = await unpositioned({ $in: VOUCHING_KINDS }, room)
  yield 'read others'
  const others = await unpositioned({ $nin: VOUCHING_KINDS }, room)
  // With as many as were asked for there may be more of them, and what vouches has to wait.
  const blocks = others.length < room ? [...others, ...vouching].slice(0, room) : others
  if (blocks.length === 0) return { type: 'positioned', blocks: 0, events: 0 }

  const events = blocks.reduce((sum, { count }) => sum + count, 0)
  const from = (head?.to ?? 0) + 1
  const segment: SegmentDocument = {
    _id: (head?._id ?? 0) + 1,
    from,
    to: from + events - 1,
    blocks,
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
  return { type: 'positioned', blocks: blocks.length, events }
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
): Pick<ExperimentationStore, 'assignPositions' | 'unpositioned' | 'head' | 'eventsBetween'> {
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
          projection: { blocks: 0 },
          session,
          readConcern: { level },
          // A linearizable read waits for a majority. Without this limit it would wait for ever if there is none.
          ...(level === 'linearizable' && { maxTimeMS: LINEARIZABLE_MS }),
        },
      )
      const position = newest === null ? 0 : newest.stamped ? newest.to : newest.from - 1
      if (position > known.position) known = { position, operationTime: session.operationTime }
      // After a failover a majority read may lag behind what this replica has read before.
      return known.position
    })

  return {
    assignPositions: (limit) =>
      client.withSession({ causalConsistency: true }, async (session) => {
        let blocks = 0
        let events = 0
        let overtaken = 0
        while (blocks < limit && overtaken < MAX_OVERTAKEN) {
          const result = await finish(positioning(sources, session, limit - blocks))
          if (result.type === 'overtaken') {
            overtaken += 1
            continue
          }
          if (result.blocks === 0) break
          blocks += result.blocks
          events += result.events
        }
        return events
      }),

    async unpositioned() {
      const [sum] = await sources.eventBlocks
        .aggregate<{ readonly events: number; readonly oldest: number }>([
          { $match: { unpositioned: true } },
          { $group: { _id: null, events: { $sum: '$count' }, oldest: { $min: '$recordedAt' } } },
        ])
        .toArray()
      return { events: sum?.events ?? 0, oldest: sum?.oldest ?? null }
    },

    head: () => readHead('majority'),

    async eventsBetween({ after, upTo, limit, kinds }) {
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
        const found = sources.eventBlocks.find(
          {
            // The first block may begin before the range.
            first: { $gt: after - MAX_EVENTS_PER_BATCH, $lte: upTo },
            ...(kinds !== undefined && { kind: { $in: kinds } }),
          },
          { session, sort: { first: 1 }, batchSize: Math.min(limit, BLOCKS_PER_READ) + 1 },
        )
        const events: PositionedEvent[] = []
        for await (const { first, ...block } of found) {
          if (first === undefined) continue
          events.push(...readBlock({ ...block, first }, { after, upTo }))
          if (events.length >= limit) break
        }
        return events.slice(0, limit)
      })
    },
  }
}
