import { randomUUID } from 'node:crypto'
import type { Filter, MongoDatastore } from '@bulkhead/datastore/mongodb'
import { isDuplicateKey } from '@bulkhead/datastore/mongodb-errors'
import type { ModelVersion } from '../../domain/model-version.ts'
import { ABANDONED_UPLOAD_MS } from '../limits.ts'
import type { ModelVersionFilter, ModelVersionPosition, PersonalizationStore } from '../port.ts'
import { retiredBy } from '../write-rules.ts'
import type { Collections, ModelVersionDocument } from './documents.ts'
import { inTransaction } from './transaction.ts'

/** Far below the 16 MiB of a document, and little enough for one acknowledged write within the socket's timeout. */
const CHUNK_BYTES = 4 * 1024 * 1024

/** Two first versions of one model that enter PRODUCTION together: the loser starts over and retires the winner. */
const MAX_SAVE_TURNS = 5

type ModelMethods = Pick<
  PersonalizationStore,
  'saveModelVersion' | 'modelVersionsByIds' | 'findModelVersions' | 'countModelVersions' | 'modelArtefact'
>

/** The model registry on MongoDB. A version is written after all of its artefact, so that one that is seen is whole. */
export function createMongoModels(
  datastore: MongoDatastore,
  { modelVersions, artefactChunks }: Collections,
): ModelMethods {
  const isTaken = async (id: string): Promise<boolean> =>
    (await modelVersions.findOne({ _id: id }, { projection: { _id: 1 } })) !== null

  async function upload(artefact: Uint8Array): Promise<string> {
    const uploadId = randomUUID()
    for (let position = 0; position * CHUNK_BYTES < artefact.length; position++) {
      const bytes = artefact.subarray(position * CHUNK_BYTES, (position + 1) * CHUNK_BYTES)
      const _id = `${uploadId}:${position}`
      await artefactChunks.insertOne({ _id, uploadId, position, bytes, uploadedAt: Date.now() })
    }
    return uploadId
  }

  /** What a process left behind that died between its upload and its version. */
  async function sweepAbandonedUploads(): Promise<void> {
    const old = await artefactChunks
      .aggregate<{ readonly _id: string }>([
        { $match: { uploadedAt: { $lt: Date.now() - ABANDONED_UPLOAD_MS } } },
        { $group: { _id: '$uploadId' } },
        {
          $lookup: {
            from: modelVersions.collectionName,
            localField: '_id',
            foreignField: 'uploadId',
            as: 'versions',
          },
        },
        { $match: { versions: [] } },
      ])
      .toArray()
    if (old.length > 0) await artefactChunks.deleteMany({ uploadId: { $in: old.map(({ _id }) => _id) } })
  }

  /** A governance write: retirement of the predecessor and the new version, or neither. */
  const write = (version: ModelVersion, uploadId: string): Promise<void> =>
    inTransaction(datastore, async (session) => {
      if (version.stage === 'PRODUCTION') {
        const filter = { model: version.model, stage: 'PRODUCTION' as const }
        const predecessor = await modelVersions.findOne(filter, { session })
        if (predecessor !== null) {
          const { stage, stageHistory } = retiredBy(readVersion(predecessor), version)
          await modelVersions.updateOne(
            { _id: predecessor._id },
            { $set: { stage, stageHistory } },
            { session },
          )
        }
      }
      const { id, ...fields } = version
      await modelVersions.insertOne({ _id: id, ...fields, uploadId }, { session })
    })

  async function writeUnlessTaken(version: ModelVersion, uploadId: string): Promise<'saved' | 'exists'> {
    for (let turn = 1; ; turn++) {
      try {
        await write(version, uploadId)
        return 'saved'
      } catch (error) {
        if (!isDuplicateKey(error)) throw error
        if (await isTaken(version.id)) return 'exists'
        if (turn === MAX_SAVE_TURNS) throw error
      }
    }
  }

  return {
    async saveModelVersion(version, artefact) {
      // Before the upload, which it may save; what counts is the unique id.
      if (await isTaken(version.id)) return 'exists'
      const uploadId = await upload(artefact)
      const result = await writeUnlessTaken(version, uploadId)
      if (result === 'exists') await artefactChunks.deleteMany({ uploadId })
      await sweepAbandonedUploads()
      return result
    },

    async modelVersionsByIds(ids) {
      const documents = await modelVersions
        .find({ _id: { $in: [...ids] } }, { batchSize: ids.length + 1 })
        .toArray()
      return documents.map(readVersion)
    },

    async findModelVersions({ filter, limit, after }) {
      const matching = conditions(filter)
      const documents = await modelVersions
        .find(after === null ? matching : { $and: [matching, olderThan(after)] })
        .sort({ createdAt: -1, _id: -1 })
        .limit(limit + 1)
        .batchSize(limit + 1)
        .toArray()
      return { versions: documents.slice(0, limit).map(readVersion), hasMore: documents.length > limit }
    },

    countModelVersions: (filter) => modelVersions.countDocuments(conditions(filter)),

    async modelArtefact(id) {
      const version = await modelVersions.findOne({ _id: id }, { projection: { uploadId: 1 } })
      if (version === null) return null
      const chunks: Uint8Array[] = []
      const stored = artefactChunks
        .find({ uploadId: version.uploadId }, { promoteBuffers: true })
        .sort({ position: 1 })
      for await (const { bytes } of stored) chunks.push(bytes)
      return new Uint8Array(Buffer.concat(chunks))
    },
  }
}

function conditions({ model, stages }: ModelVersionFilter): Filter<ModelVersionDocument> {
  return {
    ...(model === undefined ? {} : { model }),
    ...(stages === undefined ? {} : { stage: { $in: [...stages] } }),
  }
}

function olderThan({ createdAt, id }: ModelVersionPosition): Filter<ModelVersionDocument> {
  return { $or: [{ createdAt: { $lt: createdAt } }, { createdAt, _id: { $lt: id } }] }
}

function readVersion({ _id, uploadId: _, ...fields }: ModelVersionDocument): ModelVersion {
  return { id: _id, ...fields }
}
