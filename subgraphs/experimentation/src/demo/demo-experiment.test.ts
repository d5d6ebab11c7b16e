import { expect, test } from 'vitest'
import type { Experiment } from '../domain/experiment.ts'
import { openTestStore, type Replica, startTestReplica } from '../testing/test-app.ts'
import { DEMO_EXPERIMENT, DEMO_METRIC, installDemo } from './demo-experiment.ts'

const { key } = DEMO_EXPERIMENT

/** @param prepare what an earlier run, or somebody else, has done once the metric was there */
async function install(prepare?: (replica: Replica) => Promise<unknown>) {
  const store = await openTestStore()
  const replica = await startTestReplica(store, undefined, { quorum: 2 })
  if (prepare !== undefined) {
    await replica.definitions.define(DEMO_METRIC, 'demo')
    await prepare(replica)
  }
  const outcome = await installDemo({ ...replica, ifEmpty: true, quorum: 2 })
  const [experiment] = (await store.experimentsByKeys([key])) as [Experiment]
  return { outcome, status: experiment.status, reviewers: experiment.reviews.map(({ by }) => by) }
}

const request = { key, revision: 1, reason: 'r', by: 'demo' }

test('a run that was interrupted is taken up, whether before or after its submission', async () => {
  const started = { outcome: 'started', status: 'RUNNING', reviewers: ['demo-reviewer-1', 'demo-reviewer-2'] }
  expect(await install()).toEqual(started)
  expect(await install(({ experiments }) => experiments.create(DEMO_EXPERIMENT, 'demo'))).toEqual(started)
  const submitted = await install(async ({ experiments }) => {
    await experiments.create(DEMO_EXPERIMENT, 'demo')
    await experiments.step({ ...request, action: 'submit' })
    const review = { key, revision: 2, approved: true, comment: 'r', by: 'demo-reviewer-1' }
    await experiments.review(review)
  })
  expect(submitted).toEqual(started)
})

test("nobody else's draft under its key is approved or started", async () => {
  const untouched = { outcome: 'key-taken', status: 'DRAFT', reviewers: [] }
  expect(await install(({ experiments }) => experiments.create(DEMO_EXPERIMENT, 'eve'))).toEqual(untouched)
  const other = { ...DEMO_EXPERIMENT, coverage: 0.5 }
  expect(await install(({ experiments }) => experiments.create(other, 'demo'))).toEqual(untouched)
  const edited = await install(async ({ experiments }) => {
    await experiments.create(DEMO_EXPERIMENT, 'demo')
    await experiments.edit({ ...request, by: 'eve', edit: { hypothesis: 'other' } })
  })
  expect(edited).toEqual(untouched)
})

test('the demo has a metric of its own, and one that is there stays as it is', async () => {
  const store = await openTestStore()
  const replica = await startTestReplica(store, undefined, { quorum: 1 })
  expect(await installDemo({ ...replica, ifEmpty: true, quorum: 1 })).toBe('started')
  const [experiment] = await store.experimentsByKeys([key])
  expect(experiment?.metrics).toEqual([
    { metricKey: 'home-plays', metricVersion: 1, role: 'SUCCESS', margin: null },
  ])
  expect(await installDemo({ ...replica, ifEmpty: true, quorum: 1 })).toBe('already-there')
  expect((await store.metricsByKeys(['home-plays']))[0]?.versions).toHaveLength(1)
})
