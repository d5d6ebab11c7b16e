import {
  ignoreDuplicates,
  ignoreExistingCollection,
  ignoreMissingCollection,
} from '@bulkhead/datastore/mongodb/ignore'
import type { Db } from '@bulkhead/datastore/mongodb/open'
import { createMove, type MovedBlock, type SingleEvent } from '../moved-events.ts'
import { type EventBlockDocument, openCollections } from './collections.ts'

/** What the first releases stored, a document for each event. */
type SingleDocument = {
  readonly _id: string
  readonly producer: string
  readonly recordedAt: number
  readonly body: string
  readonly position?: number
}
type SingleSegment = { readonly _id: number; readonly from: number; readonly eventIds?: readonly string[] }

const READ_AT_ONCE = 1_000

/**
 * Moves the events of the first releases into blocks; they keep their positions, and those without one are positioned
 * later. Idempotent: blocks have ids that follow from their events. What is left is an empty collection that refuses every
 * document, before anything is moved and ever after: a replica of an older release fails then, and its senders keep their
 * events, where it would acknowledge what nobody reads.
 */
export async function moveEvents(db: Db): Promise<void> {
  const single = db.collection<SingleDocument>('events')
  const { eventBlocks, eventIds, segments } = openCollections(db)
  await db.command({ collMod: 'events', ...REFUSE_ALL }).catch(ignoreMissingCollection)

  // A segment that was appended and perhaps half stamped.
  const open = await db.collection<SingleSegment>('segments').findOne({ eventIds: { $exists: true } })
  if (open !== null) {
    const { _id, from, eventIds: ids = [] } = open
    for (const [index, eventId] of ids.entries()) {
      await single.updateOne(
        { _id: eventId },
        { $set: { position: from + index }, $unset: { unpositioned: '' } },
      )
    }
    await segments.updateOne({ _id }, { $set: { stamped: true }, $unset: { eventIds: '' } })
  }

  async function write(block: MovedBlock | null): Promise<void> {
    if (block === null) return
    const { events, first, ...fields } = block
    // The same event has the same place each time.
    const _id = `moved from ${events[0]?.event.eventId}`
    const ids = events.map(({ event, recordedAt }) => ({
      _id: event.eventId,
      b: _id,
      o: Date.parse(event.occurredAt),
      r: recordedAt,
    }))
    await eventIds.insertMany(ids, { ordered: false }).catch(ignoreDuplicates)
    const document: EventBlockDocument =
      first === null ? { ...fields, _id, unpositioned: true } : { ...fields, _id, first }
    await eventBlocks.insertOne(document).catch(ignoreDuplicates)
  }

  async function moveAll(found: AsyncIterable<SingleDocument>): Promise<void> {
    const move = createMove()
    for await (const { producer, recordedAt, body, position = null } of found) {
      const event: SingleEvent = { producer, recordedAt, body, position }
      await write(move.add(event))
    }
    await write(move.end())
  }

  await moveAll(
    single.find({ position: { $exists: true } }, { sort: { position: 1 }, batchSize: READ_AT_ONCE }),
  )
  await moveAll(
    single.find(
      { position: { $exists: false } },
      { sort: { recordedAt: 1, _id: 1 }, batchSize: READ_AT_ONCE },
    ),
  )
  await db.createCollection(FENCE, REFUSE_ALL).catch(ignoreExistingCollection)
  // Atomic, so at no time is there a collection that takes a document. Another replica may have done it.
  await db.renameCollection(FENCE, 'events', { dropTarget: true }).catch(ignoreMissingCollection)
}

const FENCE = 'events_of_older_releases'

/** No document is without an id. What is stored already can still be updated. */
const REFUSE_ALL = {
  validator: { _id: { $exists: false } },
  validationLevel: 'moderate',
  validationAction: 'error',
} as const
