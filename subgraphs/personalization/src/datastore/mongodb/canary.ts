import { listsOf } from '../../domain/canary/canary-counts.ts'
import type { PersonalizationStore } from '../port.ts'
import { readCanaryCounts, writeCanaryCounts } from '../stored-counts.ts'
import type { Collections } from './collections.ts'
import { keepNewer } from './keep-newer.ts'

/** How refreshes did in their canary, on MongoDB: a document for each version and source. */
export function createMongoCanary({
  canaryParts,
}: Pick<Collections, 'canaryParts'>): Pick<PersonalizationStore, 'addCanary' | 'canaryOf'> {
  return {
    async addCanary(versionId, { source, counts }) {
      const lists = listsOf(counts)
      const smaller = { _id: { versionId, source }, lists: { $lt: lists } }
      await keepNewer(canaryParts, smaller, { lists, counts: writeCanaryCounts(counts) })
    },

    async canaryOf(versionIds) {
      const documents = await canaryParts.find({ '_id.versionId': { $in: [...versionIds] } }).toArray()
      return documents.map(({ _id, counts }) => ({
        versionId: _id.versionId,
        counts: readCanaryCounts(counts),
      }))
    },
  }
}
