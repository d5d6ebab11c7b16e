import { isDuplicateKey } from '@bulkhead/datastore/mongodb/errors'
import { requestsOf } from '../../domain/shadow/shadow-counts.ts'
import type { PersonalizationStore } from '../port.ts'
import { readShadowCounts, writeShadowCounts } from '../stored-json.ts'
import type { Collections } from './collections.ts'

/** What models did in shadow, on MongoDB: a document for each version and source. */
export function createMongoShadow({
  shadowParts,
}: Pick<Collections, 'shadowParts'>): Pick<PersonalizationStore, 'addShadow' | 'shadowOf'> {
  return {
    async addShadow(versionId, { source, counts }) {
      const requests = requestsOf(counts)
      const smaller = { _id: { versionId, source }, requests: { $lt: requests } }
      const update = { $set: { requests, counts: writeShadowCounts(counts) } }
      try {
        await shadowParts.updateOne(smaller, update, { upsert: true })
      } catch (error) {
        if (!isDuplicateKey(error)) throw error
        // There is a part: one that did not match, or one that another write has just inserted, which may be smaller.
        await shadowParts.updateOne(smaller, update)
      }
    },

    async shadowOf(versionIds) {
      const documents = await shadowParts.find({ '_id.versionId': { $in: [...versionIds] } }).toArray()
      return documents.map(({ _id, counts }) => ({
        versionId: _id.versionId,
        counts: readShadowCounts(counts),
      }))
    },
  }
}
