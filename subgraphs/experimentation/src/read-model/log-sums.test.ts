import { expect, onTestFinished, test } from 'vitest'
import type { ExperimentationStore } from '../datastore/port.ts'
import { sampleExposures } from '../testing/samples.ts'
import { openTestStore } from '../testing/test-app.ts'
import { openReadModel } from './duckdb-read-model.ts'
import { createLogSums } from './log-sums.ts'
import { sampleSumsQuery } from './testing/sample-queries.ts'

/** A store with so many exposures of one variant, and sums over it that tell how many of its models are open. */
async function prepare(
  exposures: number,
  watch: (store: ExperimentationStore) => Partial<ExperimentationStore> = () => ({}),
) {
  const store = await openTestStore()
  onTestFinished(() => store.close())
  await store.ingest(sampleExposures('u', 0, exposures))
  const models = { opened: 0, open: 0 }
  const sums = createLogSums({
    store: { ...store, ...watch(store) },
    async openModel() {
      const model = await openReadModel(':memory:')
      models.opened += 1
      models.open += 1
      return {
        ...model,
        async close() {
          models.open -= 1
          await model.close()
        },
      }
    },
    limit: 2,
  })
  return { store, sums, models }
}

const QUERY = sampleSumsQuery({ asOf: 5 })

test('the sums of the log up to a position are computed in a read model that is closed afterwards', async () => {
  const { sums, models } = await prepare(9)
  const { units } = await sums(QUERY)
  expect(units.reduce((sum, count) => sum + count.units, 0n)).toBe(5n)
  expect(models).toEqual({ opened: 1, open: 0 })
})

test('a log that grows all the time is read up to the position only', async () => {
  let reads = 0
  const { sums } = await prepare(9, (store) => ({
    async eventsBetween(range) {
      reads += 1
      await store.ingest(sampleExposures(`late-${reads}`, 0, 4))
      return store.eventsBetween(range)
    },
  }))
  const { units } = await sums(QUERY)
  expect(units.reduce((sum, count) => sum + count.units, 0n)).toBe(5n)
  expect(reads).toBe(3)
})

test('an abort between two reads ends it, and a position that is not there is refused; both close the model', async () => {
  const controller = new AbortController()
  const { sums, models } = await prepare(9, (store) => ({
    eventsBetween(range) {
      controller.abort(new Error('stopping'))
      return store.eventsBetween(range)
    },
  }))
  await expect(sums(QUERY, controller.signal)).rejects.toThrow('stopping')
  expect(models).toEqual({ opened: 1, open: 0 })
  await expect(sums({ ...QUERY, asOf: 10 })).rejects.toMatchObject({ code: 'READ_MODEL_BEHIND' })
  expect(models).toEqual({ opened: 2, open: 0 })
})
