import { afterEach, beforeEach, describe } from 'vitest'
import type { ExperimentationStore } from '../port.ts'
import { describeAnalyses } from './conformance-analyses.ts'
import { describeAnalyst } from './conformance-analyst.ts'
import { describeArchives } from './conformance-archives.ts'
import { describeChanges } from './conformance-changes.ts'
import { type CountedStore, createTestDatastore, type TestDatastore } from './conformance-context.ts'
import { describeCounts } from './conformance-counts.ts'
import { describeErasure } from './conformance-erasure.ts'
import { describeEvents } from './conformance-events.ts'
import { describeExperiments } from './conformance-experiments.ts'
import { describeModelDecisions } from './conformance-model-decisions.ts'
import { describePositions } from './conformance-positions.ts'
import { describeRetention } from './conformance-retention.ts'
import { describeTargeting } from './conformance-targeting.ts'

/**
 * What every adapter of `ExperimentationStore` must do; an adapter's test runs it and adds only what is its own.
 *
 * @param urlOf the URL of an empty database of that name; the same name gives the same database
 * @param openCounted opens a store on a URL and counts its round trips
 */
export function describeExperimentationStore(
  name: string,
  urlOf: (database: string) => string,
  openCounted: (url: string) => Promise<CountedStore>,
): void {
  let databases = 0
  describe(name, () => {
    let current: { datastore: TestDatastore; store: ExperimentationStore } | undefined
    function opened() {
      if (current === undefined) throw new Error('a store is open only inside a test')
      return current
    }

    beforeEach(async () => {
      databases += 1
      const datastore = createTestDatastore(urlOf(`conformance_${databases}`), openCounted)
      current = { datastore, store: await datastore.open() }
    })
    afterEach(async () => {
      await current?.datastore.dispose()
      current = undefined
    })

    const context = { store: () => opened().store, datastore: () => opened().datastore }
    describeExperiments(context)
    describeChanges(context)
    describeEvents(context)
    describeCounts(context)
    describePositions(context)
    describeRetention(context)
    describeTargeting(context)
    describeModelDecisions(context)
    describeErasure(context)
    describeAnalyst(context)
    describeArchives(context)
    describeAnalyses(context)
  })
}
