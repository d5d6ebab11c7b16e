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

const REFUSE = { whenBehind: { refuseAndRun: 'npm run up' } } as const

test('an embedded store that is behind is refused with the command to run, where that is asked for', async () => {
  await expect(openExperimentationStore('sqlite::memory:', REFUSE)).rejects.toThrow(
    /:memory: is at schema version 0, but this code needs \d+: .*`npm run up`/,
  )
})

describeOnMongo('openExperimentationStore', (mongo) => {
  test('refuses what is behind with the command to run, and opens it afterwards', async () => {
    const url = mongo().url('behind')
    const refused = openExperimentationStore(url, REFUSE)
    await expect(refused).rejects.toBeInstanceOf(DatastoreStartupError)
    await expect(refused).rejects.toThrow(/schema version 0, but this code needs \d+: .*`npm run up`/)
    await (await openExperimentationStore(url)).close()
    await (await openExperimentationStore(url, REFUSE)).close()
  })

  test('opens a store for a mongodb URL', async () => {
    const store = await openExperimentationStore(mongo().url('open'))
    await store.ingest(sampleExposures('u', 0, 3))
    expect(await store.assignPositions(10)).toBe(3)
    expect(await store.head()).toBe(3)
    await store.close()
  })
})
