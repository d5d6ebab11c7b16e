import type { ModelVersionPosition, PersonalizationStore } from '../datastore/port.ts'
import type { ModelVersion } from '../domain/model-version.ts'

const PAGE_SIZE = 100

/** Every version in stage RETIRED, the newest first. */
export async function* retiredVersions(
  store: Pick<PersonalizationStore, 'findModelVersions'>,
): AsyncGenerator<ModelVersion> {
  const filter = { stages: ['RETIRED'] } as const
  for (let after: ModelVersionPosition | null = null; ; ) {
    const page = await store.findModelVersions({ filter, limit: PAGE_SIZE, after })
    yield* page.versions
    after = page.versions.at(-1) ?? null
    if (!page.hasMore || after === null) return
  }
}
