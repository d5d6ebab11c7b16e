import { afterEach, beforeEach, describe } from 'vitest'
import type { ExperimentationStore } from './port.ts'
import { describeCounts } from './testing/conformance-counts.ts'
import { describeEvents } from './testing/conformance-events.ts'
import { describeExperiments } from './testing/conformance-experiments.ts'
import { describePositions } from './testing/conformance-positions.ts'
import { describePublications } from './testing/conformance-publications.ts'

/** An empty datastore to test a store on. */
export type TestDatastore = {
  /** What another process opens the same data with. */
  readonly url: string
  /** A replica: every call opens one more store on the same data. */
  open(): Promise<ExperimentationStore>
  /** Commands or statements that the stores opened here have sent so far. */
  roundTrips(): number
  /** Closes what is open. */
  dispose(): Promise<void>
}

/** What every part of the suite gets: a fresh store for each test, and replicas of it. */
export type ConformanceContext = {
  /** The first replica. */
  store(): ExperimentationStore
  datastore(): TestDatastore
}

/** The one suite that every adapter of the port passes. `create` makes a new, empty datastore at each call. */
export function describeExperimentationStore(name: string, create: () => Promise<TestDatastore>): void {
  describe(name, () => {
    let current: { datastore: TestDatastore; store: ExperimentationStore } | undefined
    const opened = () => {
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
