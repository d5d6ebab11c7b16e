import { openPersonalizationStore } from '@bulkhead/personalization/datastore/open'

/**
 * Moves the newest model version into PRODUCTION past its path, in the datastore itself: for suites about something else. No
 * command and no API does that; `model-path.e2e.ts` walks the path.
 */
export async function serveNewestModel(datastoreUrl: string): Promise<void> {
  const store = await openPersonalizationStore(datastoreUrl)
  try {
    const { versions } = await store.findModelVersions({ filter: {}, limit: 1, after: null })
    const current = await store.productionModelVersion()
    const [newest] = versions
    if (newest === undefined || newest.id === current?.id) return
    const by = { at: Date.now(), by: 'tests', reason: 'a test' }
    const { id, stage: from } = newest
    const enter = { versionId: id, from, change: { ...by, from, to: 'PRODUCTION' } } as const
    const change = { ...by, from: 'PRODUCTION', to: 'RETIRED', successorId: id } as const
    const leave = current === null ? [] : [{ versionId: current.id, from: 'PRODUCTION', change } as const]
    const moves = [...leave, enter]
    const outcome = await store.moveModelVersions({ expectedProduction: current?.id ?? null, moves })
    if (outcome !== 'moved') throw new Error(`${id} cannot be put into production: ${outcome}`)
  } finally {
    await store.close()
  }
}
