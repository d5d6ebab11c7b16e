import type { PersonalizationStore } from '../datastore/port.ts'
import type { ModelVersion } from '../domain/model-version.ts'

/** Puts a version into PRODUCTION past its path, for tests about what serves and not about how it came to. */
export async function serveModel(
  store: Pick<PersonalizationStore, 'promoteModelVersion'>,
  version: Pick<ModelVersion, 'id'>,
  at = 0,
): Promise<ModelVersion> {
  const promoted = await store.promoteModelVersion(version.id, { at, by: 'tests', reason: 'a test' })
  if (promoted === null) throw new Error(`${version.id} cannot be put into production`)
  return promoted
}
