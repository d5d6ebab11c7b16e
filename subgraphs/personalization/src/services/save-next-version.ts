import type { PersonalizationStore } from '../datastore/port.ts'
import type { ModelVersion } from '../domain/model-version.ts'

/** Another process may save a version at the same time and take the number first. */
const SAVE_ATTEMPTS = 10

/** Stores an artefact, whose hash the fields say, as the next version of its model. */
export async function saveNextVersion(
  store: Pick<PersonalizationStore, 'findModelVersions' | 'countModelVersions' | 'saveModelVersion'>,
  fields: Omit<ModelVersion, 'id' | 'version'>,
  artefact: Uint8Array,
): Promise<ModelVersion> {
  const { model } = fields
  const filter = { model }
  const { versions } = await store.findModelVersions({ filter, limit: 1, after: null })
  const first = Math.max(await store.countModelVersions(filter), versions[0]?.version ?? 0) + 1
  for (let version = first; version < first + SAVE_ATTEMPTS; version++) {
    const saved: ModelVersion = { ...fields, id: `${model}-v${version}`, version }
    if ((await store.saveModelVersion(saved, artefact)) === 'saved') return saved
  }
  throw new Error(
    `${SAVE_ATTEMPTS} versions of ${model} from ${first} on were taken while this one was saved`,
  )
}
