import { afterEach, beforeEach, describe } from 'vitest'
import type { ExperimentationStore } from './port.ts'
import type { TestDatastore } from './testing/conformance-context.ts'
import { describeCounts } from './testing/conformance-counts.ts'
import { describeEvents } from './testing/conformance-events.ts'
import { describeExperiments } from './testing/conformance-experiments.ts'
import { describePositions } from './testing/conformance-positions.ts'
import { describePublications } from './testing/conformance-publications.ts'

/** The one suite that every adapter of the port passes. `create` makes a new, empty datastore at each call. */
export function describeExperimentationStore(name: string, create: () => Promise<TestDatastore>): void {
  describe(name, () => {
    let current: { datastore: TestDatastore; store: ExperimentationStore } | undefined
    function opened() {
      if (current === undefined) throw new Error('a store is open only inside a test')
      return current
    }

    beforeEach(async () => {
      const datastore = await create()
      current = { datastore, store: await datastore.open() }
    })
    afterEach(async () => {
      await current?.datastore.dispose()
      current = undefined
    })

    const context = { store: () => opened().store, datastore: () => opened().datastore }
    describeExperiments(context)
    describePublications(context)
    describeEvents(context)
    describeCounts(context)
    describePositions(context)
  })
}
