import { expect, test } from 'vitest'
import type { VerdictKind } from '../analysis/verdict.ts'
import type { Experiment } from '../domain/experiment.ts'
import type { Decision } from '../domain/governance/decision.ts'
import type { StoredAnalysis } from '../domain/stored-analysis.ts'
import { ANALYSED_AT, ANALYSED_KEY, storeAnalysedExperiment } from '../testing/analysed-experiment.ts'
import { sampleExperiment } from '../testing/samples.ts'
import { fixedClock, openTestStore, testEngine } from '../testing/test-app.ts'
import { createStoredRun } from './analyses/stored-run.ts'
import { createLearningService } from './learning-service.ts'

const VERDICTS: readonly VerdictKind[] = ['SHIP', 'ROLLBACK', 'ITERATE', 'CONTINUE', 'INVALID']

/** An analysis as it was stored, but with this recommendation. */
async function analyses(): Promise<ReadonlyMap<string, StoredAnalysis>> {
  const store = await openTestStore()
  await storeAnalysedExperiment(store)
  const compute = createStoredRun({ store, engine: testEngine(store), clock: fixedClock(ANALYSED_AT) })
  const request = { experimentKey: ANALYSED_KEY, cutoff: ANALYSED_AT, requestedBy: 'ana' }
  const outcome = await compute(request, new AbortController().signal)
  await store.close()
  if (outcome.type !== 'analysed') throw new Error(outcome.refusal.type)
  const { analysis } = outcome
  const withVerdict = (recommendation: VerdictKind): StoredAnalysis => ({
    ...analysis,
    id: recommendation,
    content: { ...analysis.content, verdict: { recommendation, variantKey: null, reasons: [] } },
  })
  return new Map(VERDICTS.map((verdict) => [verdict, withVerdict(verdict)]))
}

function decided(key: string, decidedAt: number, analysisId: string | null): Experiment {
  const decision: Decision = {
    ...{ outcome: 'ITERATE', variantKey: null, modelVersionId: null, artefactHash: null, rationale: 'r' },
    ...{ decidedBy: 'ana', decidedAt, reviews: [], quorum: 0 },
    ...(analysisId === null ? {} : { analysis: { id: analysisId, hash: analysisId } }),
    signed: {
      ...{
        experimentKey: key,
        experimentVersion: 1,
        outcome: 'ITERATE',
        variantKey: null,
        modelVersionId: null,
      },
      ...{
        artefactHash: null,
        planHash: 'ab'.repeat(32),
        analysisHash: null,
        rationale: 'r',
        decidedBy: 'ana',
      },
      ...{ decidedAt: new Date(decidedAt).toISOString(), reviewedBy: [], keyId: 'k', signature: 'c2ln' },
    },
  }
  return sampleExperiment({ key, status: 'DECIDED', decision })
}

test('a learning is a success, a regression, or nothing to see in the planned sample; page after page', async () => {
  const byId = await analyses()
  const ids = [...VERDICTS, null, 'gone']
  const all = Array.from({ length: 210 }, (_, index) =>
    decided(`e${index}`, 1_000 - index, ids[index % ids.length] ?? null),
  )
  const asked: number[] = []
  const service = createLearningService({
    store: {
      async findDecided({ filter, limit, after }) {
        expect(filter).toEqual({ decidedAfter: 4, decidedBefore: 2_000 })
        const from = after === null ? 0 : all.findIndex(({ key }) => key === after.key) + 1
        asked.push(from)
        return { experiments: all.slice(from, from + limit), hasMore: from + limit < all.length }
      },
      findAnalyses: async ({ ids: named }) => ({
        byId: new Map([...byId].filter(([id]) => named.includes(id))),
        newest: [],
      }),
    },
  })
  // Of each seven: SHIP, ROLLBACK and ITERATE.
  expect(await service.rate({ from: 5, to: 2_000 })).toEqual({ concluded: 210, withLearning: 90 })
  expect(asked).toEqual([0, 100, 200])
})
