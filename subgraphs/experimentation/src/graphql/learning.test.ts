import { testIdentity } from '@bulkhead/service/testing/test-identity'
import { expect, onTestFinished, test } from 'vitest'
import { ANALYSED_AT, ANALYSED_KEY, storeAnalysedExperiment } from '../testing/analysed-experiment.ts'
import { DAY } from '../testing/samples.ts'
import { errorCodes, openTestStore, query, startTestApp, type TestApp } from '../testing/test-app.ts'

const LEARNING = `query ($from: DateTime!, $to: DateTime!) {
  experimentsWithLearning(from: $from, to: $to) { concluded withLearning rate }
}`

function learning(app: TestApp, from: number, to: number, identity = testIdentity()) {
  const period = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
  return query(app, LEARNING, period, identity)
}

async function rate(app: TestApp, from = ANALYSED_AT - DAY, to = ANALYSED_AT + DAY) {
  const { data, errors } = await learning(app, from, to)
  expect(errors).toBeUndefined()
  return data.experimentsWithLearning
}

/** Stops an experiment that runs at revision 4 and records a decision about it. */
async function decide({ experiments }: TestApp, key: string, analysisId: string | null): Promise<void> {
  const request = { key, reason: 'r', by: 'ana' }
  await experiments.step({ ...request, action: 'stop', revision: 4 })
  const decision = { outcome: 'ITERATE', rationale: 'r', analysisId } as const
  expect(await experiments.recordDecision({ ...request, revision: 5, decision })).toMatchObject({
    type: 'accepted',
  })
}

async function approve({ experiments }: TestApp, key: string): Promise<void> {
  const review = { key, revision: 6, approved: true, comment: 'c', by: 'ben' }
  expect(await experiments.reviewDecision(review)).toMatchObject({ experiment: { status: 'DECIDED' } })
}

test('of the experiments that were decided, those count whose decision rests on an analysis with a result', async () => {
  const store = await openTestStore()
  await storeAnalysedExperiment(store)
  const app = await startTestApp({ store, now: ANALYSED_AT, config: { analysisWaitMs: 30_000 } })
  onTestFinished(() => app.stop())
  expect(await rate(app)).toEqual({ concluded: 0, withLearning: 0, rate: null })

  const run =
    'mutation ($i: RunAnalysisInput!) { runAnalysis(input: $i) { analysis { id } errors { code } } }'
  const { data } = await query(app, run, { i: { key: ANALYSED_KEY } })
  await decide(app, ANALYSED_KEY, data.runAnalysis.analysis.id)
  await decide(app, 'mix', null)
  // Nobody has reviewed them.
  expect(await rate(app)).toEqual({ concluded: 0, withLearning: 0, rate: null })
  await approve(app, ANALYSED_KEY)
  expect(await rate(app)).toEqual({ concluded: 1, withLearning: 1, rate: 1 })
  await approve(app, 'mix')
  expect(await rate(app)).toEqual({ concluded: 2, withLearning: 1, rate: 0.5 })

  // The first instant belongs to a period, the last one does not.
  expect(await rate(app, ANALYSED_AT, ANALYSED_AT + 1)).toMatchObject({ concluded: 2 })
  expect(await rate(app, ANALYSED_AT - DAY, ANALYSED_AT)).toMatchObject({ concluded: 0 })
})

test('a period that ends before it begins, or is longer than a year, is refused', async () => {
  const app = await startTestApp()
  onTestFinished(() => app.stop())
  for (const days of [0, -1, 367]) {
    expect(errorCodes(await learning(app, ANALYSED_AT, ANALYSED_AT + days * DAY))).toEqual(['BAD_USER_INPUT'])
  }
})
