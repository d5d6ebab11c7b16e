import { randomUUID } from 'node:crypto'
import { isDuplicateKey } from '@bulkhead/datastore/mongodb/errors'
import type { ClientSession, Filter, MongoDatastore } from '@bulkhead/datastore/mongodb/open'
import { inTransaction } from '@bulkhead/datastore/mongodb/transaction'
import type { StageMove } from '../../domain/model-path/stage-move.ts'
import type { ModelVersion } from '../../domain/model-version.ts'
import { ABANDONED_UPLOAD_MS } from '../limits.ts'
import type { ModelVersionFilter, ModelVersionPosition, PersonalizationStore } from '../port.ts'
import { readModelEvaluation } from '../stored-json.ts'
import {
  afterMove,
  assertNotInProduction,
  EXPIRED_UPLOAD,
  formerlyInProduction,
  isRetiredBefore,
} from '../write-rules.ts'
import {
  type Collections,
  type ModelVersionDocument,
  modelEventDocuments,
  readModelVersion,
} from './collections.ts'
import { keepNewer } from './keep-newer.ts'

/** Far below MongoDB's limit of 16 MiB a document, and small enough to be written within the socket timeout. */
const CHUNK_BYTES = 4 * 1024 * 1024

type ModelMethods = Pick<
  PersonalizationStore,
  | 'saveModelVersion'
  | 'moveModelVersions'
  | 'addModelEvaluation'
  | 'modelEvaluations'
  | 'productionModelVersion'
  | 'formerProductionVersions'
  | 'modelVersionsByIds'
  | 'findModelVersions'
  | 'countModelVersions'
  | 'modelArtefact'
  | 'expireArtefact'
>

/**
 * The model registry on MongoDB. A version is written only after its whole artefact, so every version that can be read
 * is complete.
 */
export function createMongoModels(
  datastore: MongoDatastore,
  { modelVersions, modelEvaluations, modelEvents, artefactChunks, shadowParts, canaryParts }: Collections,
): ModelMethods {
  const isTaken = async (id: string): Promise<boolean> =>
    (await modelVersions.findOne({ _id: id }, { projection: { _id: 1 } })) !== null

  /** Of every version whose artefact has expired: a replica may have stored what it counted last after that. */
  async function forgetCounts(): Promise<void> {
    const expired = await modelVersions
      .find({ uploadId: EXPIRED_UPLOAD }, { projection: { _id: 1 } })
      .toArray()
    const counted = { '_id.versionId': { $in: expired.map(({ _id }) => _id) } }
    await shadowParts.deleteMany(counted)
    await canaryParts.deleteMany(counted)
  }

  async function upload(artefact: Uint8Array): Promise<string> {
    const uploadId = randomUUID()
    for (let position = 0; position * CHUNK_BYTES < artefact.length; position++) {
      const bytes = artefact.subarray(position * CHUNK_BYTES, (position + 1) * CHUNK_BYTES)
      const _id = `${uploadId}:${position}`
      await artefactChunks.insertOne({ _id, uploadId, position, bytes, uploadedAt: Date.now() })
    }
    return uploadId
  }

  /** Deletes uploads of processes that died before they wrote the version. */
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

  const write = (version: ModelVersion, uploadId: string): Promise<void> =>
    inTransaction(datastore, async (session) => {
      const { id, ...fields } = version
      await modelVersions.insertOne({ _id: id, ...fields, uploadId }, { session })
      await modelEvents.insertMany(modelEventDocuments(version, 0), { session })
    })

  async function writeUnlessTaken(version: ModelVersion, uploadId: string): Promise<'saved' | 'exists'> {
    try {
      await write(version, uploadId)
      return 'saved'
    } catch (error) {
      if (isDuplicateKey(error) && (await isTaken(version.id))) return 'exists'
      throw error
    }
  }

  async function movable(
    { versionId, from, change }: StageMove,
    session: ClientSession,
  ): Promise<ModelVersion | 'conflict' | 'no-artefact'> {
    const document = await modelVersions.findOne({ _id: versionId, stage: from }, { session })
    if (document === null) return 'conflict'
    if (change.to === 'PRODUCTION' && document.uploadId === EXPIRED_UPLOAD) return 'no-artefact'
    return readModelVersion(document)
  }

  async function changeStage(version: ModelVersion, session: ClientSession): Promise<void> {
    const { id, stage, stageHistory } = version
    await modelVersions.updateOne({ _id: id }, { $set: { stage, stageHistory } }, { session })
    await modelEvents.insertMany(modelEventDocuments(version, stageHistory.length - 1), { session })
  }

  return {
    async saveModelVersion(version, artefact) {
      assertNotInProduction(version)
      // Checked early only to avoid a useless upload; the unique id is what decides.
      if (await isTaken(version.id)) return 'exists'
      const uploadId = await upload(artefact)
      const result = await writeUnlessTaken(version, uploadId)
      if (result === 'exists') await artefactChunks.deleteMany({ uploadId })
      await sweepAbandonedUploads()
      return result
    },

    // Of two that put a version into PRODUCTION at once, the later one breaks the unique index on PRODUCTION or writes what
    // the other has written. The driver runs it again, and it finds another version there than it expects.
    moveModelVersions: ({ expectedProduction, moves }) =>
      inTransaction(datastore, async (session) => {
        const production = await modelVersions.findOne({ stage: 'PRODUCTION' }, { session })
        if ((production?._id ?? null) !== expectedProduction) return 'conflict'
        const after: ModelVersion[] = []
        for (const move of moves) {
          const version = await movable(move, session)
          if (typeof version === 'string') return version
          after.push(afterMove(version, move))
        }
        for (const version of after) await changeStage(version, session)
        return 'moved'
      }),

    async addModelEvaluation(versionId, evaluation) {
      const { hash, createdAt } = evaluation
      const older = { _id: { versionId, hash }, createdAt: { $lt: createdAt } }
      await keepNewer(modelEvaluations, older, { createdAt, body: JSON.stringify(evaluation) })
    },

    async modelEvaluations(versionIds) {
      const documents = await modelEvaluations
        .find({ '_id.versionId': { $in: [...versionIds] } })
        .sort({ createdAt: 1, _id: 1 })
        .toArray()
      return new Map(documents.map(({ _id, body }) => [_id.versionId, readModelEvaluation(body)]))
    },

    async productionModelVersion() {
      const document = await modelVersions.findOne({ stage: 'PRODUCTION' })
      return document === null ? null : readModelVersion(document)
    },

    async formerProductionVersions(limit) {
      const retired = await modelVersions
        .find({ stage: 'RETIRED', uploadId: { $ne: EXPIRED_UPLOAD } })
        .toArray()
      return formerlyInProduction(retired.map(readModelVersion), limit)
    },

    async modelVersionsByIds(ids) {
      const documents = await modelVersions
        .find({ _id: { $in: [...ids] } }, { batchSize: ids.length + 1 })
        .toArray()
      return documents.map(readModelVersion)
    },

    async findModelVersions({ filter, limit, after }) {
      const matching = conditions(filter)
      const documents = await modelVersions
        .find(after === null ? matching : { $and: [matching, olderThan(after)] })
        .sort({ createdAt: -1, _id: -1 })
        .limit(limit + 1)
        .batchSize(limit + 1)
        .toArray()
      return { versions: documents.slice(0, limit).map(readModelVersion), hasMore: documents.length > limit }
    },

    countModelVersions: (filter) => modelVersions.countDocuments(conditions(filter)),

    async expireArtefact({ before, keep }) {
      const retired = modelVersions.find({
        stage: 'RETIRED',
        uploadId: { $ne: EXPIRED_UPLOAD },
        _id: { $nin: [...keep] },
      })
      for await (const document of retired) {
        if (!isRetiredBefore(readModelVersion(document), before)) continue
        const { _id, uploadId } = document
        // It may have been promoted meanwhile. Chunks that a crash leaves behind now are swept as abandoned.
        const forgotten = await modelVersions.updateOne(
          { _id, stage: 'RETIRED', uploadId },
          { $set: { uploadId: EXPIRED_UPLOAD } },
        )
        if (forgotten.modifiedCount === 0) continue
        await artefactChunks.deleteMany({ uploadId })
        await forgetCounts()
        return true
      }
      return false
    },

    async modelArtefact(id) {
      const version = await modelVersions.findOne({ _id: id }, { projection: { uploadId: 1 } })
      if (version === null || version.uploadId === EXPIRED_UPLOAD) return null
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
