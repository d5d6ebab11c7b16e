import { captureLog } from '@bulkhead/service/testing/captured-log'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import { createModelPathService } from '../services/model-path-service.ts'
import { createModelGuardrails } from '../state/model-guardrails.ts'
import { sampleSnapshot } from '../testing/samples/experiments.ts'
import { sampleFailingModel, sampleModelVersion, sampleRankingModel } from '../testing/samples/models.ts'
import { NOON } from '../testing/samples/time.ts'
import { serveModel } from '../testing/serving-model.ts'
import { createTestMetrics } from '../testing/test-metrics.ts'
import { createGuardrailWorker } from './guardrail-worker.ts'

let store: PersonalizationStore
beforeEach(async () => {
  store = await openPersonalizationStore('sqlite::memory:')
})
afterEach(() => store.close())

/** Of the n-th listener. */
function likesOf(n: number) {
  return [{ itemId: `liked-${n}`, weight: 1 }]
}

/** A process on the store. */
function processOn(over: Partial<PersonalizationStore> = {}) {
  const guardrails = createModelGuardrails()
  const captured = captureLog()
  const metrics = createTestMetrics()
  const worker = createGuardrailWorker({
    guardrails,
    modelPath: createModelPathService({
      store: { ...store, ...over },
      snapshots: { current: () => sampleSnapshot() },
      publicKeys: new Map(),
      clock: { now: () => NOON },
    }),
    producer: 'p1',
    random: { next: () => 0.5 },
    log: captured.log,
    metrics,
  })
  worker.start()
  return {
    run: () => worker.wake(),
    stop: () => worker.stop(),
    fail(versionId: string) {
      const model = guardrails.watch(versionId, sampleFailingModel())
      for (let n = 0; n < 20; n++)
        expect(() => model.recommend(likesOf(n), 200)).toThrow('the model is broken')
    },
    serve(versionId: string) {
      const model = guardrails.watch(versionId, sampleRankingModel(['a', 'b']))
      for (let n = 0; n < 20; n++) expect(model.recommend(likesOf(n), 200)).toHaveLength(2)
    },
    switchedOff: async () =>
      (await metrics.registry.getSingleMetric('bulkhead_models_switched_off_total')?.get())?.values[0]?.value,
  }
}

async function historyOf(id: string) {
  const [version] = await store.modelVersionsByIds([id])
  return version?.stageHistory.map(({ to, by, evidence }) => [to, by, evidence?.kind ?? null])
}

async function save(id: string, stage: 'EXPERIMENT' | 'PRODUCTION'): Promise<void> {
  const version = sampleModelVersion(id, { stage: 'EXPERIMENT', stageHistory: [] })
  await store.saveModelVersion(version, new Uint8Array([1]))
  if (stage === 'PRODUCTION') await serveModel(store, version)
}

test('a version in an experiment that fails is retired, with the reason, and one that does well is not', async () => {
  await save('good-v1', 'EXPERIMENT')
  await save('bad-v1', 'EXPERIMENT')
  const { run, stop, fail, serve, switchedOff } = processOn()
  serve('good-v1')
  fail('bad-v1')
  await run()
  await run()
  expect(await historyOf('bad-v1')).toEqual([['RETIRED', 'p1', 'GUARDRAIL']])
  const [bad] = await store.modelVersionsByIds(['bad-v1'])
  expect(bad?.stageHistory[0]?.reason).toBe('20 of its last 20 lists failed, and 5% is the limit')
  expect(await historyOf('good-v1')).toEqual([])
  expect(await switchedOff()).toBe(1)
  await stop()
})

test('the version in production is rolled back, once, though two processes find it out', async () => {
  await save('before-v1', 'PRODUCTION')
  await save('bad-v1', 'PRODUCTION')
  const both = [processOn(), processOn()]
  for (const one of both) one.fail('bad-v1')
  await Promise.all(both.map((one) => one.run()))
  expect((await store.productionModelVersion())?.id).toBe('before-v1')
  expect(await historyOf('bad-v1')).toEqual([
    ['PRODUCTION', 'tests', null],
    ['RETIRED', 'p1', 'GUARDRAIL'],
  ])
  for (const one of both) await one.stop()
})

test('what cannot be recorded is recorded later', async () => {
  await save('bad-v1', 'EXPERIMENT')
  let away = true
  const { run, stop, fail } = processOn({
    moveModelVersions: (query) => (away ? Promise.reject(new Error('away')) : store.moveModelVersions(query)),
  })
  fail('bad-v1')
  await run()
  expect(await historyOf('bad-v1')).toEqual([])
  away = false
  await run()
  expect(await historyOf('bad-v1')).toEqual([['RETIRED', 'p1', 'GUARDRAIL']])
  await stop()
})
