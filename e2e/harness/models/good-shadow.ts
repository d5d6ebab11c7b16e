import { openPersonalizationStore } from '@bulkhead/personalization/datastore/open'
import { createShadowCounter } from '@bulkhead/personalization/domain/shadow/shadow-counts'

/** So many that the few of a busy machine, where shadow models starve, do not decide. */
const REQUESTS = 2_000

/** Stores what a replica would have counted of a version that does well in shadow, which takes minutes on a busy machine. */
export async function addGoodShadow(url: string, versionId: string): Promise<void> {
  const counter = createShadowCounter()
  const comparison = { overlapAt10: 0.5, rankBiasedOverlap: 0.5, popularityShift: 0, shown: ['i1', 'i2'] }
  for (let request = 0; request < REQUESTS; request++) counter.compared(comparison, 1, 100)
  const store = await openPersonalizationStore(url)
  try {
    const champion = await store.productionModelVersion()
    await store.addShadow(versionId, {
      source: 'e2e',
      championId: champion?.id ?? null,
      counts: counter.counts(),
    })
  } finally {
    await store.close()
  }
}
