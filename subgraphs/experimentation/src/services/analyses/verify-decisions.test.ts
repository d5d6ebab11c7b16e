import { expect, onTestFinished, test } from 'vitest'
import type { ExperimentationStore } from '../../datastore/port.ts'
import type { StoredAnalysis } from '../../domain/stored-analysis.ts'
import { ANALYSED_AT, ANALYSED_KEY, storeAnalysedExperiment } from '../../testing/analysed-experiment.ts'
import { fixedClock, openTestStore, startTestReplica, testEngine } from '../../testing/test-app.ts'
import { verifyAudit } from '../audit-verification.ts'
import { createStoredRun } from './stored-run.ts'

/** A decision that names a stored analysis. */
async function decided(): Promise<ExperimentationStore> {
  const store = await openTestStore()
  onTestFinished(() => store.close())
  await storeAnalysedExperiment(store)
  const compute = createStoredRun({ store, engine: testEngine(store), clock: fixedClock(ANALYSED_AT) })
  const request = { experimentKey: ANALYSED_KEY, cutoff: null, requestedBy: 'ana' }
  const outcome = await compute(request, new AbortController().signal)
  if (outcome.type !== 'analysed') throw new Error(outcome.refusal.type)
  const { experiments } = await startTestReplica(store, ANALYSED_AT, { quorum: 0 })
  const step = { key: ANALYSED_KEY, by: 'ana' }
  await experiments.step({ ...step, action: 'stop', revision: 4, reason: 'done' })
  const decision = { outcome: 'ITERATE', rationale: 'r', analysisId: outcome.analysis.id } as const
  expect(await experiments.recordDecision({ ...step, revision: 5, decision })).toMatchObject({
    experiment: { status: 'DECIDED', decision: { signed: { analysisHash: outcome.analysis.id } } },
  })
  return store
}

/** The store, after something else has changed the analyses. */
function changed(store: ExperimentationStore, change: (analysis: StoredAnalysis) => StoredAnalysis | null) {
  return {
    ...store,
    async findAnalyses(asked: Parameters<ExperimentationStore['findAnalyses']>[0]) {
      const { byId, newest } = await store.findAnalyses(asked)
      const after = [...byId.values()].flatMap((analysis) => change(analysis) ?? [])
      return { byId: new Map(after.map((analysis) => [analysis.id, analysis])), newest }
    },
  }
}

test('a verification finds that the analysis of a decision was changed, moved or removed', async () => {
  const store = await decided()
  expect((await verifyAudit(store)).problems).toEqual([])
  const messagesAfter = async (change: (analysis: StoredAnalysis) => StoredAnalysis | null) =>
    (await verifyAudit(changed(store, change))).problems.map(
      ({ subject, message }) => `${subject}: ${message}`,
    )
  const about = `experiment:${ANALYSED_KEY}: the analysis that the decision names`
  expect(await messagesAfter((one) => ({ ...one, content: { ...one.content, units: 1 } }))).toEqual([
    `${about} is not what was hashed`,
  ])
  expect(await messagesAfter((one) => ({ ...one, experimentKey: 'mix' }))).toEqual([
    `${about} is of another experiment`,
  ])
  expect(await messagesAfter(() => null)).toEqual([`${about} is not stored any more`])
  expect(
    await messagesAfter(() => {
      throw new Error('no JSON')
    }),
  ).toEqual([`${about} cannot be read`])
})
