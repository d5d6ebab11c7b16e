import { createUnitErasing, type UnitErasing } from '../services/unit-erasure.ts'

type ErasingStore = Parameters<typeof createUnitErasing>[0]['store']

/** Erases units in what the datastore keeps of events; experiments stay as they are. */
export function createStoreErasing(store: ErasingStore): UnitErasing {
  return createUnitErasing({ store, eraseForced: async () => undefined })
}
