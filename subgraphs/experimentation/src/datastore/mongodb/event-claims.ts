import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { DatastoreUnavailableError } from '@bulkhead/datastore/errors'
import { duplicateIndexes } from '@bulkhead/datastore/mongodb/errors'
import type { ClientSession } from '@bulkhead/datastore/mongodb/open'
import { createBlockKeys, eventBlocks } from '../event-blocks.ts'
import type { IncomingEvent } from '../port.ts'
import type { Collections, EventIdDocument } from './collections.ts'

/**
 * How events are stored once and durably, without a transaction: one that a killed process left open would keep their ids
 * locked for a minute.
 *
 * A writer first claims the ids of its events for blocks that it has not written yet, then writes these blocks with the
 * events that it could claim. A block has a unique `_id`: either the block is written, or it is made void, and then it
 * never is.
 * 1. An id is claimed for one block at a time, and only an id whose block is void is claimed again. So no event is in two
 *    blocks.
 * 2. A block is written after its claims are known, and then never changes. So if the block of an id exists, the event is
 *    in it. Then, and only then, is the event acknowledged.
 * 3. If the block of an id does not exist, its writer is writing it, or has died or frozen. After some patience, whoever
 *    delivers the event again makes the block void and claims the id for a block of its own. A writer that wakes up late
 *    finds its block void and does the same.
 */
export type ClaimStep = 'claim' | 'write blocks' | 'read claims' | 'wait' | 'void blocks' | 'claim again'

type Sources = Pick<Collections, 'eventIds' | 'eventBlocks' | 'voidBlocks'>

/** How often one call starts over, because others do the same to the same events. */
const MAX_ROUNDS = 500
const PAUSE_MS = 20

/** How many pauses a block that does not exist is given: a second. It is there within milliseconds if its writer lives. */
const PATIENCE = 50

/** What is known of events whose ids were claimed before. */
type Found = {
  /** Claimed for a block that is void. */
  readonly orphans: readonly Orphan[]
  /** Claimed for a block that does not exist; the claim itself may not be durable yet. */
  readonly waiting: readonly IncomingEvent[]
  /** The blocks that do not exist. */
  readonly absent: readonly string[]
}
type Orphan = { readonly event: IncomingEvent; readonly block: string }

/**
 * Stores the events, whose ids are distinct. Yields the name of each step before it takes it, so that a test can freeze a
 * writer between any two; `session` must be causally consistent and used by nobody else meanwhile.
 */
export async function* storing(
  sources: Sources,
  session: ClientSession,
  events: readonly IncomingEvent[],
  patience = PATIENCE,
): AsyncGenerator<ClaimStep, void, void> {
  if (events.length === 0) return
  yield 'claim'
  let names = createNames()
  const known = new Set(await claim(sources, session, events, names))
  let claimed = events.filter((_, index) => !known.has(index))
  let rest = events.filter((_, index) => known.has(index))
  let pauses = 0
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    if (claimed.length > 0) {
      yield 'write blocks'
      // If one of them was made void, its events are orphans.
      if (!(await writeBlocks(sources, session, claimed, names))) rest = [...rest, ...claimed]
      claimed = []
    }
    if (rest.length === 0) return
    yield 'read claims'
    const { orphans, waiting, absent } = await readClaims(sources, session, rest)
    rest = [...waiting, ...orphans.map(({ event }) => event)]
    if (orphans.length > 0) {
      yield 'claim again'
      names = createNames()
      claimed = await claimAgain(sources, session, orphans, names)
      const mine = new Set(claimed)
      rest = rest.filter((event) => !mine.has(event))
      pauses = 0
    } else if (rest.length > 0 && pauses < patience) {
      yield 'wait'
      await sleep(PAUSE_MS)
      pauses += 1
    } else if (absent.length > 0) {
      yield 'void blocks'
      await voidBlocks(sources, session, absent, Math.max(...rest.map((event) => event.recordedAt)))
      pauses = 0
    } else if (rest.length > 0) break
  }
  throw new DatastoreUnavailableError('MongoDB: other writers are storing the same events')
}

/** A new name for the block of each key. */
type Names = ReturnType<typeof createNames>

function createNames() {
  const names = new Map<string, string>()
  const keyOf = createBlockKeys()
  return {
    keyOf,
    of(key: string): string {
      const name = names.get(key) ?? randomBytes(12).toString('base64url')
      names.set(key, name)
      return name
    },
  }
}

function claimOf({ event, occurredAt, recordedAt }: IncomingEvent, block: string): EventIdDocument {
  return { _id: event.eventId, b: block, o: occurredAt, r: recordedAt }
}

/** The indexes of the events that were claimed before. */
function claim(
  { eventIds }: Sources,
  session: ClientSession,
  events: readonly IncomingEvent[],
  names: Names,
): Promise<number[]> {
  const claims = events.map((event) => claimOf(event, names.of(names.keyOf(event))))
  return eventIds.insertMany(claims, { ordered: false, session }).then(() => [], duplicateIndexes)
}

/** False where one of the blocks was made void before. */
async function writeBlocks(
  { eventBlocks: blocks }: Sources,
  session: ClientSession,
  events: readonly IncomingEvent[],
  names: Names,
): Promise<boolean> {
  const documents = eventBlocks(events).map(({ key, ...block }) => ({
    ...block,
    _id: names.of(key),
    unpositioned: true as const,
  }))
  const refused = await blocks
    .insertMany(documents, { ordered: false, session })
    .then(() => [], duplicateIndexes)
  return refused.length === 0
}

async function readClaims(
  { eventIds, eventBlocks: blocks }: Sources,
  session: ClientSession,
  events: readonly IncomingEvent[],
): Promise<Found> {
  const ids = events.map(({ event }) => event.eventId)
  const claims = await eventIds.find({ _id: { $in: ids } }, { session, batchSize: ids.length + 1 }).toArray()
  const names = [...new Set(claims.map(({ b }) => b))]
  const found = await blocks
    .find({ _id: { $in: names } }, { session, projection: { count: 1 }, batchSize: names.length + 1 })
    .toArray()
  const written = new Map(found.map(({ _id, count }) => [_id, count !== undefined]))
  const blockOf = new Map(claims.map(({ _id, b }) => [_id, b]))
  const orphans: Orphan[] = []
  const waiting: IncomingEvent[] = []
  for (const event of events) {
    const block = blockOf.get(event.event.eventId)
    const isWritten = block === undefined ? undefined : written.get(block)
    if (isWritten === undefined || block === undefined) waiting.push(event)
    else if (!isWritten) orphans.push({ event, block })
  }
  return { orphans, waiting, absent: names.filter((name) => !written.has(name)) }
}

/** The events of the orphans that this writer has claimed, and no other. */
async function claimAgain(
  { eventIds }: Sources,
  session: ClientSession,
  orphans: readonly Orphan[],
  names: Names,
): Promise<IncomingEvent[]> {
  const updates = orphans.map(({ event, block }) => {
    const { _id, ...fields } = claimOf(event, names.of(names.keyOf(event)))
    return { updateOne: { filter: { _id, b: block }, update: { $set: fields } } }
  })
  await eventIds.bulkWrite(updates, { ordered: false, session })
  const blockOf = new Map(orphans.map(({ event }) => [event.event.eventId, names.of(names.keyOf(event))]))
  const claims = await eventIds
    .find(
      { _id: { $in: [...blockOf.keys()] } },
      { session, projection: { b: 1 }, batchSize: blockOf.size + 1 },
    )
    .toArray()
  const mine = new Set(claims.filter(({ _id, b }) => blockOf.get(_id) === b).map(({ _id }) => _id))
  return orphans.map(({ event }) => event).filter(({ event }) => mine.has(event.eventId))
}

/** So that their writers cannot write them any more. Those that were written meanwhile stay as they are. */
async function voidBlocks(
  { voidBlocks: blocks }: Sources,
  session: ClientSession,
  names: readonly string[],
  voidedAt: number,
): Promise<void> {
  const documents = names.map((_id) => ({ _id, void: true as const, voidedAt }))
  await blocks.insertMany(documents, { ordered: false, session }).then(() => [], duplicateIndexes)
}
