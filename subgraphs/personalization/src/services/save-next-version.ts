import { createHash } from 'node:crypto'
import type { PersonalizationStore } from '../datastore/port.ts'
import type { ModelVersion } from '../domain/model-version.ts'

/** Another process may save a version at the same time and take the number first. */
const SAVE_ATTEMPTS = 10

/** Stores an artefact as the next version of its model; puts it into production where that is its stage. */
export async function saveNextVersion(
  store: Pick<PersonalizationStore, 'findModelVersions' | 'countModelVersions' | 'saveModelVersion'>,
  fields: Omit<ModelVersion, 'id' | 'version' | 'artefactHash'>,
  artefact: Uint8Array,
): Promise<ModelVersion> {
  const { model } = fields
  const filter = { model }
  const { versions } = await store.findModelVersions({ filter, limit: 1, after: null })
  const first = Math.max(await store.countModelVersions(filter), versions[0]?.version ?? 0) + 1
  const artefactHash = hashOf(artefact)
  for (let version = first; version < first + SAVE_ATTEMPTS; version++) {
    const saved: ModelVersion = { ...fields, id: `${model}-v${version}`, version, artefactHash }
    if ((await store.saveModelVersion(saved, artefact)) === 'saved') return saved
  }
  throw new Error(
    `${SAVE_ATTEMPTS} versions of ${model} from ${first} on were taken while this one was saved`,
  )
}

/** SHA-256, hex. */
export function hashOf(artefact: Uint8Array): string {
  return createHash('sha256').update(artefact).digest('hex')
}
