import { ignoreDuplicates } from '@bulkhead/datastore/mongodb/ignore'
import type { ArchiveStore } from '../archive-port.ts'
import type { Collections } from './collections.ts'

export function createMongoArchives({ archives }: Pick<Collections, 'archives'>): ArchiveStore {
  return {
    async archive(name) {
      const found = await archives.findOne({ _id: name })
      if (found === null) return null
      const { exportId, through, erasuresFrom } = found
      return { name, exportId, through, erasuresFrom }
    },

    async moveArchive({ name, exportId, through, erasuresFrom }) {
      // Where the name is another export's, it is not found, and cannot be inserted.
      const update = { $max: { through, erasuresFrom } }
      const moved = await archives
        .updateOne({ _id: name, exportId }, update, { upsert: true })
        .catch(ignoreDuplicates)
      return moved !== undefined
    },
  }
}
