import { requestsOf } from '../../domain/shadow/shadow-counts.ts'
import type { PersonalizationStore } from '../port.ts'
import { readShadowPart, writeShadowPart } from '../stored-counts.ts'
import type { Collections } from './collections.ts'
import { keepNewer } from './keep-newer.ts'

/** What models did in shadow, on MongoDB: a document for each version and source. */
export function createMongoShadow({
  shadowParts,
}: Pick<Collections, 'shadowParts'>): Pick<PersonalizationStore, 'addShadow' | 'shadowOf'> {
  return {
    async addShadow(versionId, part) {
      const { source, counts } = part
      const requests = requestsOf(counts)
      const smaller = { _id: { versionId, source }, requests: { $lt: requests } }
      await keepNewer(shadowParts, smaller, { requests, counts: writeShadowPart(part) })
    },

    async shadowOf(versionIds) {
      const documents = await shadowParts.find({ '_id.versionId': { $in: [...versionIds] } }).toArray()
      return documents.map(({ _id, counts }) => ({
        versionId: _id.versionId,
        ...readShadowPart(counts),
      }))
    },
  }
}
