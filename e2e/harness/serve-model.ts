import { openPersonalizationStore } from '@bulkhead/personalization/datastore/open'

/**
 * Puts the newest model version into PRODUCTION past its path, in the datastore itself: for suites about something else. No
 * command and no API does that; `model-path.e2e.ts` walks the path.
 */
export async function serveNewestModel(datastoreUrl: string): Promise<void> {
  const store = await openPersonalizationStore(datastoreUrl)
  try {
    const { versions } = await store.findModelVersions({ filter: {}, limit: 1, after: null })
    const promotion = { at: Date.now(), by: 'tests', reason: 'a test' }
    for (const { id } of versions) await store.promoteModelVersion(id, promotion)
  } finally {
    await store.close()
  }
}
