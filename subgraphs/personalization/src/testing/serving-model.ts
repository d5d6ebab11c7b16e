import type { PersonalizationStore } from '../datastore/port.ts'
import { type ModelVersion, replacedBy, type StageChange } from '../domain/model-version.ts'

type MovingStore = Pick<
  PersonalizationStore,
  'moveModelVersions' | 'modelVersionsByIds' | 'productionModelVersion'
>
type Promotion = Pick<StageChange, 'at' | 'by' | 'reason'>

/**
 * Moves a version into PRODUCTION past its path, for tests about what serves and not about how it came to. Of two at once the
 * later one replaces the other.
 */
export async function serveModel(
  store: MovingStore,
  { id }: Pick<ModelVersion, 'id'>,
  promotion: Promotion = { at: 0, by: 'tests', reason: 'a test' },
): Promise<ModelVersion> {
  for (;;) {
    const production = await store.productionModelVersion()
    const [version] = await store.modelVersionsByIds([id])
    if (version?.stage === 'PRODUCTION') return version
    if (version === undefined) throw new Error(`there is no ${id}`)
    const { stage: from } = version
    const enter = { versionId: id, from, change: { ...promotion, from, to: 'PRODUCTION' } } as const
    const leave = production && {
      ...{ versionId: production.id, from: 'PRODUCTION' as const },
      change: replacedBy(id, promotion),
    }
    const outcome = await store.moveModelVersions({
      expectedProduction: production?.id ?? null,
      moves: leave === null ? [enter] : [leave, enter],
    })
    if (outcome === 'no-artefact') throw new Error(`${id} has no artefact`)
    if (outcome === 'conflict') continue
    // It was promoted. Another one may have replaced it since, and the loop would promote it once more.
    const [promoted = version] = await store.modelVersionsByIds([id])
    return promoted
  }
}

/** Stores a version as it was before it entered PRODUCTION, which is the last that its history says, and moves it there. */
export async function saveServing(
  store: MovingStore & Pick<PersonalizationStore, 'saveModelVersion'>,
  version: ModelVersion,
  artefact: Uint8Array,
): Promise<void> {
  const last = version.stageHistory.at(-1)
  const stage = last?.from ?? null
  if (last?.to !== 'PRODUCTION' || stage === null) throw new Error(`${version.id} has not entered PRODUCTION`)
  await store.saveModelVersion(
    { ...version, stage, stageHistory: version.stageHistory.slice(0, -1) },
    artefact,
  )
  await serveModel(store, version, last)
}
