import type { ClientSession } from '@bulkhead/datastore/mongodb/open'
import { DECIDED_STATUSES } from '../../domain/experiment.ts'
import type { Bootstrap } from '../../domain/governance/bootstrap.ts'
import { type KnownModelVersion, STAGES_WITH_SHIP } from '../../domain/governance/model-decisions.ts'
import type { StoredEvent } from '../../domain/stored-event.ts'
import { rollbackTime } from '../model-stages.ts'
import type { ChangeBatch, ModelDecisionStore } from '../port.ts'
import { readBootstrap, readExperiment } from '../stored-json.ts'
import { storedRecord } from '../stored-record.ts'
import type { BootstrapDocument, Collections, ModelVersionDocument } from './collections.ts'

export function createMongoModelDecisions({
  bootstraps,
  experiments,
  modelVersions,
}: Pick<Collections, 'bootstraps' | 'experiments' | 'modelVersions'>): ModelDecisionStore {
  return {
    async modelVersionsByIds(ids) {
      const documents = await modelVersions.find({ _id: { $in: [...ids] } }).toArray()
      return documents.map(toVersion)
    },

    async modelVersionsWithShip() {
      const documents = await modelVersions
        .find({ stage: { $in: [...STAGES_WITH_SHIP] } }, { sort: { _id: 1 } })
        .toArray()
      return documents.map(toVersion)
    },

    async bootstrapRecords() {
      const documents = await bootstraps.find({}, { sort: { _id: 1 } }).toArray()
      return documents.map((document) =>
        storedRecord(document._id, document, () => readBootstrap(document.body), bootstrapDocument),
      )
    },

    async shippedExperiments(modelVersionIds) {
      if (modelVersionIds.length === 0) return []
      const documents = await experiments
        .find(
          { decisionOutcome: 'SHIP', decisionModel: { $in: [...modelVersionIds] } },
          { projection: { body: 1 }, sort: { _id: 1 } },
        )
        .toArray()
      return documents.map(({ body }) => readExperiment(body))
    },

    async firstShip() {
      const first = await experiments.findOne(
        { decisionOutcome: 'SHIP', decisionModel: { $ne: null }, status: { $in: DECIDED_STATUSES } },
        { projection: { _id: 1 }, sort: { decidedAt: 1, _id: 1 } },
      )
      return first?._id ?? null
    },
  }
}

function bootstrapDocument(bootstrap: Bootstrap): BootstrapDocument {
  const { modelVersionId: _id, revision } = bootstrap
  return { _id, revision, body: JSON.stringify(bootstrap) }
}

function toVersion({ _id, ...fields }: ModelVersionDocument): KnownModelVersion {
  return { id: _id, ...fields }
}

/**
 * The newest change wins, in whatever order they arrive. The comparison is part of the update: with it in the filter,
 * of two changes that create the document at the same time, the newer one could be lost as a duplicate.
 */
export async function keepModelVersions(
  { modelVersions }: Pick<Collections, 'modelVersions'>,
  stored: readonly StoredEvent[],
): Promise<void> {
  const updates = stored.flatMap((event) => {
    if (event.kind !== 'modelStageChanged') return []
    const { modelVersionId, to, change, artefactHash } = event
    const newest = { $literal: { _id: modelVersionId, stage: to, change, artefactHash } }
    const isNewer = { $lt: [{ $ifNull: ['$change', 0] }, change] }
    const rolledBackAt = rollbackTime(event)
    const parts = [
      '$$ROOT',
      { $cond: [isNewer, newest, {}] },
      // `$max` leaves out what is missing.
      ...(rolledBackAt === null ? [] : [{ rolledBackAt: { $max: ['$rolledBackAt', rolledBackAt] } }]),
    ]
    const update = [{ $replaceWith: { $mergeObjects: parts } }]
    return [{ updateOne: { filter: { _id: modelVersionId }, update, upsert: true } }]
  })
  if (updates.length > 0) await modelVersions.bulkWrite(updates)
}

/** To be called inside a transaction; false where another revision is stored. */
export async function writeBootstraps(
  { bootstraps }: Pick<Collections, 'bootstraps'>,
  changed: NonNullable<ChangeBatch['bootstraps']>,
  session: ClientSession,
): Promise<boolean> {
  if (changed.length === 0) return true
  const { insertedCount, matchedCount } = await bootstraps.bulkWrite(
    changed.map(({ bootstrap, expectedRevision }) => {
      const document = bootstrapDocument(bootstrap)
      const { _id } = document
      if (expectedRevision === 0) return { insertOne: { document } }
      return { replaceOne: { filter: { _id, revision: expectedRevision }, replacement: document } }
    }),
    { session },
  )
  return insertedCount + matchedCount === changed.length
}
