import type { PersonalizationStore } from '../datastore/port.ts'
import type { ModelVersion } from '../domain/model-version.ts'
import { saveNextVersion } from './save-next-version.ts'

const PAGE_SIZE = 100

export type Registration = {
  /** The name of the model whose next version it becomes. */
  readonly model: string
  /** SHA-256 of an artefact that some version has, hex. */
  readonly artefactHash: string
  readonly owner: string
}

/**
 * Registers an artefact that is stored already as the next version of a model, at the beginning of its path: what was taken
 * out is RETIRED for good as the version that it was, and can be evaluated anew as another. An artefact that is a version of
 * the model already, and not RETIRED, is that version.
 * @returns null where no version has such an artefact, or it has expired
 */
export async function registerModel(
  { model, artefactHash, owner }: Registration,
  options: {
    readonly store: Pick<
      PersonalizationStore,
      'findModelVersions' | 'countModelVersions' | 'saveModelVersion' | 'modelArtefact'
    >
    readonly at: number
    readonly by: string
  },
): Promise<ModelVersion | null> {
  const { store, at, by } = options
  const same = await versionsOf(store, artefactHash)
  const known = same.find((version) => version.model === model && version.stage !== 'RETIRED')
  if (known !== undefined) return known
  for (const source of same) {
    const artefact = await store.modelArtefact(source.id)
    if (artefact === null) continue
    const { algorithm, trainingData, recipe } = source
    const reason = `registered with the artefact of ${source.id}`
    const fields = { model, algorithm, owner, createdAt: at, trainingData, ...(recipe && { recipe }) }
    const stageHistory = [{ from: null, to: 'REGISTERED', at, by, reason }] as const
    return saveNextVersion(store, { ...fields, stage: 'REGISTERED', stageHistory }, artefact)
  }
  return null
}

async function versionsOf(
  store: Pick<PersonalizationStore, 'findModelVersions'>,
  artefactHash: string,
): Promise<readonly ModelVersion[]> {
  const found: ModelVersion[] = []
  for (let after: ModelVersion | null = null; ; ) {
    const page = await store.findModelVersions({ filter: {}, limit: PAGE_SIZE, after })
    found.push(...page.versions.filter((version) => version.artefactHash === artefactHash))
    after = page.versions.at(-1) ?? null
    if (!page.hasMore || after === null) return found
  }
}
