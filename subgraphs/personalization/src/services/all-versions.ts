import type { ModelVersionFilter, ModelVersionPosition, PersonalizationStore } from '../datastore/port.ts'
import type { ModelVersion } from '../domain/model-version.ts'

const PAGE_SIZE = 100

/** Every version that the filter lets through, the newest first, read page by page as they are asked for. */
export async function* allVersions(
  store: Pick<PersonalizationStore, 'findModelVersions'>,
  filter: ModelVersionFilter,
): AsyncGenerator<ModelVersion> {
  for (let after: ModelVersionPosition | null = null; ; ) {
    const page = await store.findModelVersions({ filter, limit: PAGE_SIZE, after })
    yield* page.versions
    after = page.versions.at(-1) ?? null
    if (!page.hasMore || after === null) return
  }
}
