import type { ExperimentationStore } from '../port.ts'

/** One more store on the data of a URL, and how many commands or statements it has sent so far. */
export type CountedStore = {
  readonly store: ExperimentationStore
  roundTrips(): number
  contents(): Promise<Contents>
}

/** Everything that is stored, by table or collection. */
export type Contents = ReadonlyMap<string, readonly Readonly<Record<string, unknown>>[]>

/** A datastore with as many replicas of the store as a test opens. */
export type TestDatastore = {
  /** What another process opens the same data with. */
  readonly url: string
  /** A replica: every call opens one more store on the same data. */
  open(): Promise<ExperimentationStore>
  /** Of all replicas. */
  roundTrips(): number
  /** Of the data, as the first replica sees it. */
  contents(): Promise<Contents>
  /** Closes what is open. */
  dispose(): Promise<void>
}

export function createTestDatastore(
  url: string,
  openCounted: (url: string) => Promise<CountedStore>,
): TestDatastore {
  const replicas: CountedStore[] = []
  return {
    url,
    async open() {
      const replica = await openCounted(url)
      replicas.push(replica)
      return replica.store
    },
    roundTrips: () => replicas.reduce((sum, replica) => sum + replica.roundTrips(), 0),
    contents: async () => (await replicas[0]?.contents()) ?? new Map(),
    async dispose() {
      await Promise.all(replicas.map(({ store }) => store.close()))
    },
  }
}

/** What every part of the suite gets: a fresh store for each test, and replicas of it. */
export type ConformanceContext = {
  /** The first replica. */
  store(): ExperimentationStore
  datastore(): TestDatastore
}
