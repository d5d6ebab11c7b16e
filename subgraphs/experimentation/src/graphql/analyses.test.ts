import { testIdentity } from '@bulkhead/service/testing/test-identity'
import { expect, onTestFinished, test } from 'vitest'
import type { ExperimentationStore } from '../datastore/port.ts'
import type { AnalysisPlan } from '../domain/plan/analysis-plan.ts'
import type { SumsEngine } from '../services/analyses/sums-engine.ts'
import {
  ANALYSED_AT,
  ANALYSED_KEY,
  analysedPlay,
  storeAnalysedExperiment,
  storeEvents,
} from '../testing/analysed-experiment.ts'
import { sampleStoredAnalysis } from '../testing/sample-analyses.ts'
import { HOUR } from '../testing/samples.ts'
import { errorCodes, openTestStore, query, startTestApp, type TestApp } from '../testing/test-app.ts'

/** The service some days after the experiment began. */
async function start(
  options: {
    readonly watch?: (store: ExperimentationStore) => ExperimentationStore
    readonly engine?: SumsEngine
    readonly analysisWaitMs?: number
    readonly plan?: Partial<AnalysisPlan>
  } = {},
): Promise<TestApp> {
  const { watch = (store) => store, engine, analysisWaitMs = 30_000, plan } = options
  const store = await openTestStore()
  await storeAnalysedExperiment(store, plan)
  const app = await startTestApp({
    store: watch(store),
    now: ANALYSED_AT,
    config: { analysisWaitMs },
    ...(engine === undefined ? {} : { engine }),
  })
  onTestFinished(() => app.stop())
  return app
}

const RUN = `mutation ($input: RunAnalysisInput!) {
  runAnalysis(input: $input) { analysis { id hash cutoff asOf } errors { code message path } }
}`

async function run(app: TestApp, input: Record<string, unknown> = {}, identity = testIdentity('dana')) {
  const answer = await query(app, RUN, { input: { key: ANALYSED_KEY, ...input } }, identity)
  expect(answer.errors).toBeUndefined()
  return answer.data.runAnalysis
}

async function experiment(app: TestApp, fields: string, identity = testIdentity()) {
  const document = `query ($key: ID!) { experiment(key: $key) { ${fields} } }`
  const answer = await query(app, document, { key: ANALYSED_KEY }, identity)
  expect(answer.errors).toBeUndefined()
  return answer.data.experiment
}

const ANALYSIS = `
  id hash experimentVersion plan { hash method plannedSampleSize } metricVersions { key version } codeVersion
  cutoff asOf final complete segment sql engine inputsErased units createdAt requestedBy
  metrics {
    metric { key version kind } role variantKey method controlUnits units controlMean mean controlVariance variance
    effect { estimate lower upper } absolute { estimate } relative { estimate } nullValue alphaUsed pValue
    pValue adjustedPValue significant looks { cutoff }
  }
  missing { metric { key } role variantKey reason }
  health { kind passed pValue observed expected detail }
  verdict { recommendation variantKey reasons { rule holds detail } }
`

test('an analysis that was run is the result of its experiment, with everything it was computed from', async () => {
  const app = await start()
  expect(await experiment(app, 'health { kind } results { id } analyses { nodes { id } }')).toEqual({
    health: null,
    results: null,
    analyses: { nodes: [] },
  })
  const { analysis, errors } = await run(app)
  expect(errors).toEqual([])
  expect(analysis.id).toBe(analysis.hash)
  const { results, health, plan } = await experiment(
    app,
    `plan { hash } health { kind } results { ${ANALYSIS} }`,
  )
  expect(results).toMatchObject({
    ...analysis,
    experimentVersion: 1,
    plan: { hash: plan.hash, method: 'FIXED_HORIZON', plannedSampleSize: 40 },
    metricVersions: [{ key: 'plays', version: 1 }],
    cutoff: new Date(ANALYSED_AT).toISOString(),
    asOf: '80',
    final: false,
    complete: true,
    segment: null,
    engine: 'DUCKDB',
    inputsErased: 0,
    units: 40,
    requestedBy: 'dana',
    missing: [],
    verdict: { recommendation: 'SHIP', variantKey: 'treatment' },
  })
  expect(results.metrics.map(({ role }: { role: string }) => role)).toEqual([
    'SUCCESS',
    'DETERIORATION',
    'GUARDRAIL',
  ])
  expect(results.metrics[0]).toMatchObject({
    metric: { key: 'plays', version: 1, kind: 'MEAN' },
    controlUnits: 20,
    units: 20,
    adjustedPValue: results.metrics[0].pValue,
    looks: [],
  })
  expect(results.sql.length).toBeGreaterThan(0)
  expect(health).toEqual(results.health.map(({ kind }: { kind: string }) => ({ kind })))
})

test('results by an attribute of the plan are a part of the analysis, and others are not there', async () => {
  const app = await start({ plan: { segments: ['country'] } })
  const { analysis } = await run(app)
  const part =
    'id segment segmentValues { value units } segmentOmittedUnits metrics { role segmentValue units adjustedPValue }'
  const { results, byCountry, byAge } = await experiment(
    app,
    `results { id segment segmentValues { value } bySegment { ${part} bySegment { id } } metrics { segmentValue } }
     byCountry: results(segment: "country") { ${part} } byAge: results(segment: "age") { id }`,
  )
  expect(results).toMatchObject({ id: analysis.id, segment: null, segmentValues: [] })
  expect(results.metrics.every(({ segmentValue }: { segmentValue: null }) => segmentValue === null)).toBe(
    true,
  )
  expect(byCountry).toMatchObject({
    id: analysis.id,
    segment: 'country',
    segmentValues: [
      { value: 'de', units: 20 },
      { value: null, units: 20 },
    ],
    segmentOmittedUnits: 0,
    metrics: [
      { role: 'SUCCESS', segmentValue: 'de', units: 10 },
      { role: 'SUCCESS', segmentValue: null, units: 10 },
    ],
  })
  expect(results.bySegment).toEqual([{ ...byCountry, bySegment: [] }])
  expect(byAge).toBeNull()
})

test('the looks of a group sequential plan are shown with their bounds', async () => {
  const plan = {
    method: 'GROUP_SEQUENTIAL',
    spending: 'OBRIEN_FLEMING',
    looks: 2,
    plannedSampleSize: 50,
  } as const
  const app = await start({ plan })
  const { errors } = await run(app)
  expect(errors).toEqual([])
  const { results } = await experiment(
    app,
    `results {
       looks { cutoff units fraction }
       metrics { role looks { units bound nominalAlpha spent pValue crossed effect { estimate lower upper } } }
       verdict { recommendation }
     }`,
  )
  expect(results.looks).toEqual([{ cutoff: '2026-01-07T00:00:00.000Z', units: 40, fraction: 0.8 }])
  expect(results.metrics).toHaveLength(3)
  expect(results.metrics[0].looks[0]).toMatchObject({
    units: 40,
    crossed: true,
    bound: expect.closeTo(2.28, 1),
  })
  expect(results.verdict.recommendation).toBe('SHIP')
})

test('results at a cutoff are those of that cutoff, and analyses are paged, the latest cutoff first', async () => {
  const app = await start()
  const cutoffs = [ANALYSED_AT - 2 * HOUR, ANALYSED_AT, ANALYSED_AT - HOUR].map((time) =>
    new Date(time).toISOString(),
  )
  for (const cutoff of cutoffs) expect((await run(app, { cutoff })).errors).toEqual([])
  const [early, latest, middle] = cutoffs
  expect(
    await experiment(
      app,
      `results { cutoff } early: results(cutoff: "${early}") { cutoff } none: results(cutoff: "2026-01-05T00:00:00.000Z") { id }
       part: results(segment: "country") { id }`,
    ),
  ).toEqual({ results: { cutoff: latest }, early: { cutoff: early }, none: null, part: null })

  const page = 'nodes { cutoff } pageInfo { hasNextPage hasPreviousPage endCursor }'
  const { analyses: first } = await experiment(app, `analyses(first: 2) { ${page} }`)
  expect(first.nodes.map(({ cutoff }: { cutoff: string }) => cutoff)).toEqual([latest, middle])
  expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
  const { analyses: second } = await experiment(
    app,
    `analyses(first: 2, after: "${first.pageInfo.endCursor}") { ${page} }`,
  )
  expect(second.nodes.map(({ cutoff }: { cutoff: string }) => cutoff)).toEqual([early])
  expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
  const tooMany = await query(
    app,
    `{ experiment(key: "${ANALYSED_KEY}") { analyses(first: 51) { nodes { id } } } }`,
  )
  expect(errorCodes(tooMany)).toEqual(['BAD_USER_INPUT'])
})

test('what cannot be analysed is told as data', async () => {
  const app = await start()
  expect(await run(app, { key: 'none' })).toMatchObject({
    analysis: null,
    errors: [{ code: 'EXPERIMENT_NOT_FOUND', path: ['key'] }],
  })
  expect(await run(app, { cutoff: '2026-01-01T00:00:00.000Z' })).toMatchObject({
    analysis: null,
    errors: [{ code: 'EXPERIMENT_NOT_STARTED' }],
  })
  expect(await run(app, { cutoff: '2027-01-01T00:00:00.000Z' })).toMatchObject({
    analysis: null,
    errors: [{ code: 'INVALID_INPUT', path: ['cutoff'] }],
  })
})

test('an analysis that takes long is not waited for, and goes on', async () => {
  const computed = Promise.withResolvers<void>()
  const engine: SumsEngine = {
    name: 'DUCKDB',
    sums: () => computed.promise.then(() => Promise.reject(new Error('no result is needed here'))),
  }
  const app = await start({ engine, analysisWaitMs: 1 })
  const running = { analysis: null, errors: [{ code: 'ANALYSIS_RUNNING', path: ['key'] }] }
  expect(await run(app)).toMatchObject(running)
  expect(await run(app)).toMatchObject(running)
  expect(await run(app, { cutoff: new Date(ANALYSED_AT).toISOString() })).toMatchObject(running)
  expect(await run(app, { key: 'mix' })).toMatchObject({
    analysis: null,
    errors: [{ code: 'ANALYSES_OVERLOADED', path: [] }],
  })
  computed.resolve()
})

test('reading analyses needs experiments:read, running them experiments:write', async () => {
  const app = await start()
  const reader = testIdentity('ben', ['experiments:read'])
  const denied = await query(app, RUN, { input: { key: ANALYSED_KEY } }, reader)
  expect(errorCodes(denied)).toEqual(['FORBIDDEN'])
  // Whoever may only write gets no analysis back, since reading it needs the other right.
  const writer = testIdentity('ben', ['experiments:write'])
  const written = await query(app, RUN, { input: { key: ANALYSED_KEY } }, writer)
  expect([errorCodes(written), written.data.runAnalysis.analysis]).toEqual([['FORBIDDEN'], null])
  expect(await experiment(app, 'results { units }', reader)).toEqual({ results: { units: 40 } })
})

/** What resolvers read, and no worker does. */
const READS: ReadonlySet<string> = new Set([
  'analysisPages',
  'erasedEvents',
  'erasedEventsUpTo',
  'experimentsByKeys',
  'exposureCounts',
  'findAnalyses',
  'findAuditEntries',
  'findDecided',
  'findExperiments',
  'findMetrics',
  'metricsByKeys',
  'modelVersionsByIds',
])

/** The whole of an experiment in one query. */
const EVERYTHING = `
  variants { key isControl payload }
  metrics { role metric { key version name } }
  plan { hash }
  health { kind passed detail }
  results { ${ANALYSIS} }
  decision { outcome decidedBy analysis { id verdict { recommendation } } }
  audit(first: 50) { nodes { action by hash } }
  exposureCounts { variantKey units }
`

test('a whole experiment in one query costs one round trip for each kind of entity', async () => {
  const calls: string[] = []
  const app = await start({
    watch: (store) =>
      new Proxy(store, {
        get(target, name: keyof ExperimentationStore) {
          const method = target[name] as (...args: unknown[]) => unknown
          return (...args: unknown[]) => {
            if (READS.has(name)) calls.push(name)
            return method(...args)
          }
        },
      }),
  })
  // An earlier cutoff, because the newest analysis is the one with the latest.
  const { analysis } = await run(app, { cutoff: new Date(ANALYSED_AT - HOUR).toISOString() })
  const { experiments } = app
  const step = { key: ANALYSED_KEY, by: 'ana' }
  await experiments.step({ ...step, action: 'stop', revision: 4, reason: 'done' })
  const decided = await experiments.recordDecision({
    ...step,
    revision: 5,
    decision: { outcome: 'ITERATE', rationale: 'r', analysisId: analysis.id },
  })
  expect(decided.type).toBe('accepted')
  await storeEvents(app.store, [analysedPlay('u1', 9, 3)])
  await run(app)

  calls.length = 0
  const found = await experiment(app, EVERYTHING)
  expect(found.results.id).not.toBe(analysis.id)
  expect(found.decision).toMatchObject({ analysis: { id: analysis.id } })
  expect(found.audit.nodes.length).toBeGreaterThan(3)
  expect(calls.toSorted()).toEqual([
    'erasedEventsUpTo',
    'experimentsByKeys',
    'exposureCounts',
    'findAnalyses',
    'findAuditEntries',
    'metricsByKeys',
  ])

  calls.length = 0
  const document = `{ experiments { nodes { key ${EVERYTHING.replace(/audit.*/, '')} analyses { nodes { id verdict { recommendation } } } } } }`
  const all = await query(app, document)
  expect(all.data.experiments.nodes).toHaveLength(2)
  expect(calls.toSorted()).toEqual([
    'analysisPages',
    'erasedEventsUpTo',
    'exposureCounts',
    'findAnalyses',
    'findExperiments',
    'metricsByKeys',
  ])
})

const DECIDE = `mutation ($input: RecordDecisionInput!) {
  recordDecision(input: $input) { experiment { decision { analysis { id } } } errors { code path message } }
}`

test('a decision rests on a stored analysis of its own experiment and version, and is signed with its hash', async () => {
  const app = await start()
  const { analysis } = await run(app)
  await app.store.insertAnalysis(sampleStoredAnalysis({ id: 'broken', experimentKey: ANALYSED_KEY }))
  const edit = { key: 'mix', revision: 4, by: 'ana', reason: 'less' }
  expect(await app.experiments.edit({ ...edit, edit: { coverage: 0.5 } })).toMatchObject({ type: 'accepted' })
  for (const [key, revision] of [
    [ANALYSED_KEY, 4],
    ['mix', 5],
  ] as const) {
    await app.experiments.step({ key, revision, action: 'stop', reason: 'done', by: 'ana' })
  }
  async function decide(input: Record<string, unknown>) {
    const decision = { key: ANALYSED_KEY, revision: 5, outcome: 'ITERATE', rationale: 'r', ...input }
    return query(app, DECIDE, { input: decision })
  }
  const refused = { experiment: null, errors: [{ code: 'INVALID_INPUT', path: ['analysisId'] }] }
  const other = { key: 'mix', revision: 6, analysisId: analysis.id }
  expect((await decide(other)).data.recordDecision).toMatchObject(refused)
  expect((await decide({ analysisId: 'none' })).data.recordDecision).toMatchObject(refused)
  // One that is not what was hashed is a defect, or the work of somebody else.
  expect(errorCodes(await decide({ analysisId: 'broken' }))).toEqual(['INTERNAL'])

  const { data } = await decide({ analysisId: analysis.id })
  expect(data.recordDecision).toEqual({
    experiment: { decision: { analysis: { id: analysis.id } } },
    errors: [],
  })
  const review = { key: ANALYSED_KEY, revision: 6, approved: true, comment: 'c', by: 'rex' }
  const reviewed = await app.experiments.reviewDecision(review)
  expect(reviewed).toMatchObject({
    experiment: { decision: { signed: { analysisHash: analysis.hash, experimentKey: ANALYSED_KEY } } },
  })
})
