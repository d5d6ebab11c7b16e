import { eventIdsOf } from '../event-blocks.ts'
import type { ExperimentationStore } from '../port.ts'
import type { Collections } from './collections.ts'

const BLOCKS_PER_READ = 50

export function createMongoRetention({
  eventBlocks,
  eventIds,
  rejections,
  voidBlocks,
}: Pick<Collections, 'eventBlocks' | 'eventIds' | 'rejections' | 'voidBlocks'>): Pick<
  ExperimentationStore,
  'eraseEvents' | 'eraseRejections'
> {
  return {
    async eraseEvents({ recordedBefore, upTo, limit }) {
      const found = eventBlocks.find(
        { first: { $exists: true, $lte: upTo } },
        { sort: { first: 1 }, batchSize: BLOCKS_PER_READ },
      )
      let erased = 0
      for await (const { _id, first, count, recordedAt, rows } of found) {
        // Positions follow arrival closely, so what comes later is hardly older.
        if (erased >= limit || recordedAt >= recordedBefore) break
        if (first === undefined || first + count - 1 > upTo) break
        // The block last: it says which ids are left to delete if this is interrupted.
        await eventIds.deleteMany({ _id: { $in: eventIdsOf(rows) }, b: _id })
        await eventBlocks.deleteOne({ _id })
        erased += count
      }
      return erased
    },

    async eraseRejections({ rejectedBefore, limit }) {
      // Its writer was given up at least as long ago as an event is accepted: nothing of it is delivered again.
      await voidBlocks.deleteMany({ void: true, voidedAt: { $lt: rejectedBefore } })
      const found = await rejections
        .find(
          { rejectedAt: { $lt: rejectedBefore } },
          { projection: { _id: 1 }, sort: { rejectedAt: 1 }, limit, batchSize: limit + 1 },
        )
        .toArray()
      if (found.length === 0) return 0
      const { deletedCount } = await rejections.deleteMany({ _id: { $in: found.map(({ _id }) => _id) } })
      return deletedCount
    },
  }
}
