import { requireUser } from '@bulkhead/service/graphql/authorization'
import { variantInSnapshot } from '../domain/publishing.ts'
import { readSlateReference } from './references.ts'
import type { Resolvers } from './resolver-types.generated.ts'

export const exposureResolvers = {
  RecommendationSlate: {
    // A promise, because an error thrown here synchronously would fail the whole batch.
    __resolveReference: async (reference) => readSlateReference(reference),
    async exposures(slate, _, { exposures, loaders, identity }) {
      const all = await exposures.exposuresOf(slate, (eventIds) => loadAll(loaders.exposureRecords, eventIds))
      for (const { unit } of all) requireUser(identity, unit)
      return all
    },
  },

  Exposure: {
    experiment: ({ experimentKey }, _, { loaders }) => loaders.experiments.load(experimentKey),
    async variant({ experimentKey, variantKey, snapshotVersion }, _, { loaders }) {
      const [experiment, snapshot] = await Promise.all([
        loaders.experiments.load(experimentKey),
        loaders.snapshots.load(snapshotVersion),
      ])
      return experiment && snapshot && variantInSnapshot(snapshot, experiment, variantKey)
    },
    status: ({ state }) => state.status,
    occurredAt: ({ state }) => (state.status === 'RECORDED' ? state.occurredAt : null),
    recordedAt: ({ state }) => (state.status === 'RECORDED' ? state.recordedAt : null),
  },
} satisfies Partial<Resolvers>

/** Unlike `loadMany`, rejects if one of the loads does. */
function loadAll<V>(loader: { load(key: string): Promise<V> }, keys: readonly string[]): Promise<V[]> {
  return Promise.all(keys.map((key) => loader.load(key)))
}
