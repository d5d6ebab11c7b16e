import type { ExperimentationStore } from '../port.ts'

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
