import type { PersonalizationStore } from '../../datastore/port.ts'
import type { ModelVersion } from '../../domain/model-version.ts'

/** More are in EXPERIMENT at a time only by mistake; of those the newest count. */
const MAX_VERSIONS = 100

/** The versions in EXPERIMENT, the newest first. One round trip. */
export async function experimentVersions(
  store: Pick<PersonalizationStore, 'findModelVersions'>,
): Promise<readonly ModelVersion[]> {
  const query = { filter: { stages: ['EXPERIMENT'] as const }, limit: MAX_VERSIONS, after: null }
  return (await store.findModelVersions(query)).versions
}
