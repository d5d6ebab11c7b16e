import { DatastoreStartupError } from '@bulkhead/datastore/errors'
import { describeOnMongo } from '@bulkhead/datastore/testing/describe-on-mongodb'
import { describe, expect, test } from 'vitest'
import { sampleExposures } from '../testing/samples.ts'
import { openExperimentationStore } from './open.ts'

describe('openExperimentationStore', () => {
  test('opens an embedded store for a sqlite URL', async () => {
    const store = await openExperimentationStore('sqlite::memory:')
    await store.ingest(sampleExposures('u', 0, 3))
    expect(await store.head()).toBe(3)
    await store.close()
  })

  test('refuses a URL of any other kind with a startup error', async () => {
    await expect(openExperimentationStore('postgres://localhost/x')).rejects.toBeInstanceOf(
      DatastoreStartupError,
    )
  })
})

describeOnMongo('openExperimentationStore', (mongo) => {
  test('opens a store for a mongodb URL', async () => {
    const store = await openExperimentationStore(mongo().url('open'))
    await store.ingest(sampleExposures('u', 0, 3))
    expect(await store.assignPositions(10)).toBe(3)
    expect(await store.head()).toBe(3)
    await store.close()
  })
})
