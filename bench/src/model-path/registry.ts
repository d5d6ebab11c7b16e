import { openPersonalizationStore } from '@bulkhead/personalization/datastore/open'
import type { PersonalizationStore } from '@bulkhead/personalization/datastore/port'
import type { StageMove } from '@bulkhead/personalization/domain/model-path/stage-move'
import { type ModelVersion, replacedBy } from '@bulkhead/personalization/domain/model-version'
import { requestsOf } from '@bulkhead/personalization/domain/shadow/shadow-counts'

type Stage = ModelVersion['stage']

/**
 * The registry of models, written to as no service does it: without gates. What a rollback or a model in shadow costs does
 * not depend on how the versions came where they are, which the end-to-end tests show.
 */
export type Registry = {
  /** The artefact of a version as another one, in stage REGISTERED. */
  copy(of: string, id: string): Promise<void>
  /** Into PRODUCTION it replaces what is there. */
  move(id: string, to: Stage): Promise<void>
  /** How often a version was asked in shadow, over all replicas. */
  shadowRequests(id: string): Promise<number>
}

export async function openRegistry(url: string, resources: AsyncDisposableStack): Promise<Registry> {
  const store = await openPersonalizationStore(url)
  resources.defer(() => store.close())
  const change = { by: 'bench', reason: 'bench' }

  return {
    async copy(of, id) {
      const version = await versionOf(store, of)
      const bytes = await store.modelArtefact(of)
      if (bytes === null) throw new Error(`${of} has no artefact`)
      const createdAt = Date.now()
      const stageHistory = [{ from: null, to: 'REGISTERED' as const, at: createdAt, ...change }]
      await store.saveModelVersion({ ...version, id, createdAt, stage: 'REGISTERED', stageHistory }, bytes)
    },
    async move(id, to) {
      const { stage: from } = await versionOf(store, id)
      const at = Date.now()
      const production = await store.productionModelVersion()
      const moves: StageMove[] = [{ versionId: id, from, change: { from, to, at, ...change } }]
      if (to === 'PRODUCTION' && production !== null) {
        const replaced = replacedBy(id, { at, by: change.by })
        moves.unshift({ versionId: production.id, from: 'PRODUCTION', change: replaced })
      }
      const moved = await store.moveModelVersions({ expectedProduction: production?.id ?? null, moves })
      if (moved !== 'moved') throw new Error(`${id} is not moved to ${to}: ${moved}`)
    },
    async shadowRequests(id) {
      return (await store.shadowOf([id])).reduce((sum, { counts }) => sum + requestsOf(counts), 0)
    },
  }
}

async function versionOf(store: PersonalizationStore, id: string): Promise<ModelVersion> {
  const [version] = await store.modelVersionsByIds([id])
  if (version === undefined) throw new Error(`there is no version ${id}`)
  return version
}
