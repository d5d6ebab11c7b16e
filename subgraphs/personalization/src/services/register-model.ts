import type { PersonalizationStore } from '../datastore/port.ts'
import type { ModelVersion } from '../domain/model-version.ts'
import { allVersions } from './all-versions.ts'
import { hashArtefact } from './hash-artefact.ts'
import { saveNextVersion } from './save-next-version.ts'

export type Registration = {
  /** The name of the model whose next version it becomes. */
  readonly model: string
  /** SHA-256 of an artefact that some version has, hex. */
  readonly artefactHash: string
  readonly owner: string
}

export type RegistrationResult =
  | { readonly type: 'done'; readonly version: ModelVersion }
  /** No version has such an artefact, or it has expired. */
  | { readonly type: 'unknown-artefact' }
  /** What is stored as the artefact of a version has another hash than the version says. */
  | {
      readonly type: 'damaged-artefact'
      readonly id: string
      readonly expected: string
      readonly actual: string
    }

/**
 * Registers an artefact that is stored already as the next version of a model, at the beginning of its path: what was taken
 * out is RETIRED for good as the version that it was, and can be evaluated anew as another. An artefact that is a version of
 * the model already, and not RETIRED, is that version.
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
): Promise<RegistrationResult> {
  const { store, at, by } = options
  const same = await versionsOf(store, artefactHash)
  const known = same.find((version) => version.model === model && version.stage !== 'RETIRED')
  if (known !== undefined) return { type: 'done', version: known }
  let refusal: RegistrationResult = { type: 'unknown-artefact' }
  for (const source of same) {
    const artefact = await store.modelArtefact(source.id)
    if (artefact === null) continue
    const actual = await hashArtefact(artefact)
    if (actual !== artefactHash) {
      refusal = { type: 'damaged-artefact', id: source.id, expected: artefactHash, actual }
      continue
    }
    const { algorithm, trainingData, recipe } = source
    const reason = `registered with the artefact of ${source.id}`
    const about = { model, algorithm, owner, createdAt: at, artefactHash, trainingData }
    const fields = { ...about, ...(recipe && { recipe }), stage: 'REGISTERED' } as const
    const stageHistory = [{ from: null, to: 'REGISTERED', at, by, reason }] as const
    return { type: 'done', version: await saveNextVersion(store, { ...fields, stageHistory }, artefact) }
  }
  return refusal
}

async function versionsOf(
  store: Pick<PersonalizationStore, 'findModelVersions'>,
  artefactHash: string,
): Promise<readonly ModelVersion[]> {
  const found: ModelVersion[] = []
  for await (const version of allVersions(store, {})) {
    if (version.artefactHash === artefactHash) found.push(version)
  }
  return found
}
