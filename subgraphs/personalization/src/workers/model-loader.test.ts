import { createHash } from 'node:crypto'
import type { AssignmentSnapshot, SnapshotExperiment } from '@bulkhead/contracts'
import { captureLog } from '@bulkhead/service/testing/captured-log'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import { DEFAULT_GUARDRAILS } from '../domain/guardrails/model-window.ts'
import type { ModelVersion } from '../domain/model-version.ts'
import { createLoadedModels } from '../state/loaded-models.ts'
import { createModelGuardrails } from '../state/model-guardrails.ts'
import { sampleModelVersion, sampleProductionVersion, sampleRankingModel } from '../testing/samples/models.ts'
import { sampleRefresh, sampleShipped } from '../testing/samples/refreshes.ts'
import { saveServing, serveModel } from '../testing/serving-model.ts'
import { createTestMetrics } from '../testing/test-metrics.ts'
import { createModelLoader, MAX_PINNED_VERSIONS } from './model-loader.ts'

const NEVER_MS = 3_600_000

let store: PersonalizationStore
let stop: () => Promise<void> = () => Promise.resolve()

beforeEach(async () => {
  store = await openPersonalizationStore('sqlite::memory:')
})

afterEach(async () => {
  await stop()
  await store.close()
})

/** Stores a version whose artefact is its id; `broken` ones are no models, `crash` ones end the thread that reads them. */
async function save(number: number, stage: ModelVersion['stage'], text = `v${number}`): Promise<string> {
  const artefact = Buffer.from(text)
  const hash = createHash('sha256').update(artefact).digest('hex')
  const change = { at: number, by: 'tests', reason: 'test' }
  const saved = stage === 'PRODUCTION' ? 'EXPERIMENT' : stage
  const version = sampleModelVersion(`item-to-item-v${number}`, {
    version: number,
    stage: saved,
    createdAt: number,
    artefactHash: hash,
    stageHistory: [{ from: null, to: saved, ...change }],
  })
  await store.saveModelVersion(version, artefact)
  if (stage === 'PRODUCTION') await serveModel(store, version, change)
  return version.id
}

function pinning(modelVersionId: string, status = 'RUNNING'): SnapshotExperiment {
  return {
    key: `pins-${modelVersionId}-${status}`,
    version: 1,
    status,
    unitType: 'userId',
    seed: 's',
    hashVersion: 2,
    surfaces: [],
    layer: null,
    coverage: 1,
    condition: null,
    forced: {},
    trigger: 'SERVE',
    variants: [{ key: 'treatment', weight: 1, payload: { modelVersionId } }],
  }
}

function start(options: { readonly over?: Partial<PersonalizationStore> } = {}) {
  const models = createLoadedModels()
  const metrics = createTestMetrics()
  const guardrails = createModelGuardrails({ limits: { ...DEFAULT_GUARDRAILS, minLists: 1, maxEmpty: 0 } })
  const captured = captureLog()
  let experiments: SnapshotExperiment[] = []
  let reads = 0
  const loader = createModelLoader({
    store: {
      productionModelVersion: store.productionModelVersion,
      formerProductionVersions: store.formerProductionVersions,
      modelVersionsByIds: store.modelVersionsByIds,
      findModelVersions: store.findModelVersions,
      modelArtefact(id) {
        reads++
        return store.modelArtefact(id)
      },
      ...options.over,
    },
    models,
    snapshots: {
      current: (): AssignmentSnapshot => ({
        version: 1,
        publishedAt: '2026-01-15T12:00:00.000Z',
        layers: [],
        holdouts: [],
        experiments,
        decisions: [],
        keyId: 'tests',
        signature: '',
      }),
    },
    intervalMs: NEVER_MS,
    random: { next: () => 0.5 },
    log: captured.log,
    metrics,
    guardrails,
    reader: {
      async read(artefact) {
        const text = Buffer.from(artefact).toString()
        if (text === 'crash') throw new Error('the thread has ended')
        return text === 'broken' ? 'no artefact at all' : sampleRankingModel([text])
      },
    },
  })
  loader.start()
  stop = () => loader.stop()
  return {
    models,
    guardrails,
    refresh: () => loader.wake(),
    pin(...ids: string[]) {
      experiments = ids.map((id) => pinning(id))
    },
    publish(...published: SnapshotExperiment[]) {
      experiments = published
    },
    production: () => models.production()?.version.id ?? null,
    previous: () => models.previous()?.version.id ?? null,
    reads: () => reads,
    errors: () => captured.lines.filter(({ level }) => level === 'error'),
    unloadable: async () =>
      (await metrics.registry.getSingleMetric('bulkhead_models_unloadable')?.get())?.values[0]?.value,
  }
}

describe('the model loader', () => {
  test('a pinned version is awaited until it is there, or is known not to come', async () => {
    const good = await save(1, 'EXPERIMENT')
    const broken = await save(2, 'EXPERIMENT', 'broken')
    const { models, refresh, pin } = start()
    await refresh()
    pin(good, broken, 'item-to-item-v9')
    const awaited = () => [good, broken, 'item-to-item-v9'].map(models.isAwaited)
    expect(awaited()).toEqual([true, true, true])
    await refresh()
    expect(awaited()).toEqual([false, false, false])
    expect(models.byVersionId(broken)).toBeNull()
  })

  test('serves nothing while nothing is in production', async () => {
    await save(1, 'REGISTERED')
    const { refresh, production } = start()
    await refresh()
    expect(production()).toBeNull()
  })

  test('loads the version in production, once, and the next one when it is promoted', async () => {
    await save(1, 'PRODUCTION')
    const { refresh, production, models, reads } = start()
    await refresh()
    await refresh()
    expect([production(), reads()]).toEqual(['item-to-item-v1', 1])
    expect(models.production()?.model.recommend([], 1)).toMatchObject([{ itemId: 'v1' }])
    await save(2, 'PRODUCTION')
    await refresh()
    expect(production()).toBe('item-to-item-v2')
    expect(models.byVersionId('item-to-item-v2')).toBe(models.production())
    expect(models.byVersionId('item-to-item-v1')).toBeNull()
  })

  test('keeps the version that was in production before, without reading it again, and none before that', async () => {
    await save(1, 'PRODUCTION')
    const { refresh, previous, models, reads } = start()
    await refresh()
    expect(previous()).toBeNull()
    await save(2, 'PRODUCTION')
    await refresh()
    expect([previous(), reads()]).toEqual(['item-to-item-v1', 2])
    expect(models.previous()?.version.stage).toBe('RETIRED')
    await save(3, 'PRODUCTION')
    await refresh()
    await refresh()
    expect([previous(), reads()]).toEqual(['item-to-item-v2', 3])
  })

  test('keeps a refresh of what is in production in memory while it is in its canary, and reads it once', async () => {
    const shipped = sampleShipped('ease-v2')
    await saveServing(store, shipped, Buffer.from('v2'))
    const inCanary = (id: string, of: ModelVersion) =>
      store.saveModelVersion(sampleRefresh(id, of, { stage: 'EXPERIMENT' }), Buffer.from(id))
    await inCanary('ease-v3', shipped)
    await inCanary('ease-v9', sampleShipped('ease-v8'))
    await save(4, 'EXPERIMENT')
    const { refresh, models, reads, pin } = start()
    await refresh()
    await refresh()
    expect([models.canary()?.version.id, reads()]).toEqual(['ease-v3', 2])
    expect(models.inMemory('ease-v3')).toBe(models.canary())
    expect(models.byVersionId('ease-v3')).toBeNull()
    pin('ease-v3')
    await refresh()
    expect([models.byVersionId('ease-v3')?.model === models.canary()?.model, reads()]).toEqual([true, 2])
    pin()
    const off = { at: 3, by: 'p1', reason: 'it failed', evidence: { kind: 'GUARDRAIL', hash: null } as const }
    const change = { from: 'EXPERIMENT', to: 'RETIRED', ...off } as const
    await store.moveModelVersions({
      expectedProduction: 'ease-v2',
      moves: [{ versionId: 'ease-v3', from: 'EXPERIMENT', change }],
    })
    await refresh()
    expect(models.canary()).toBeNull()
  })

  test('drops a canary at once when a guardrail switches it off here', async () => {
    const shipped = sampleShipped('ease-v2')
    await saveServing(store, shipped, Buffer.from('v2'))
    await store.saveModelVersion(
      sampleRefresh('ease-v3', shipped, { stage: 'EXPERIMENT' }),
      Buffer.from('v3'),
    )
    const { refresh, models, guardrails } = start()
    await refresh()
    const canary = models.canary()
    guardrails.switchOff('ease-v3', 'it does worse')
    expect(() => canary?.model.recommend([], 200)).toThrow('switched this model off')
    await refresh()
    expect([models.canary(), models.production()?.version.id]).toEqual([null, 'ease-v2'])
  })

  test('after a rollback keeps the version that was rolled back from', async () => {
    await save(1, 'PRODUCTION')
    await save(2, 'PRODUCTION')
    const { refresh, production, previous } = start()
    await refresh()
    await serveModel(store, { id: 'item-to-item-v1' }, { at: 3, by: 'tests', reason: 'again' })
    await refresh()
    expect([production(), previous()]).toEqual(['item-to-item-v1', 'item-to-item-v2'])
  })

  test('started anew with a broken version in production, finds the one before that can be loaded', async () => {
    await save(1, 'PRODUCTION')
    await save(2, 'PRODUCTION', 'broken')
    await save(3, 'PRODUCTION', 'broken')
    await save(4, 'EXPERIMENT')
    const { refresh, production, previous, models, unloadable } = start()
    await refresh()
    expect([production(), previous()]).toEqual([null, 'item-to-item-v1'])
    expect(models.previous()?.model.recommend([], 1)).toMatchObject([{ itemId: 'v1' }])
    expect([await unloadable(), models.isRead()]).toEqual([2, true])
  })

  test('what was promoted last serves, whatever its model and its age, after a restart too', async () => {
    await save(2, 'PRODUCTION')
    const { refresh, production } = start()
    await refresh()
    const artefact = Buffer.from('factors')
    const artefactHash = createHash('sha256').update(artefact).digest('hex')
    const factors = sampleProductionVersion('factors-v1', { model: 'factors', createdAt: 1, artefactHash })
    await saveServing(store, factors, artefact)
    await refresh()
    expect(production()).toBe('factors-v1')
    await serveModel(store, { id: 'item-to-item-v2' })
    await refresh()
    expect(production()).toBe('item-to-item-v2')
    await stop()
    const restarted = start()
    await restarted.refresh()
    expect(restarted.production()).toBe('item-to-item-v2')
  })

  test('stops serving a model when no version is in production any more', async () => {
    await save(1, 'PRODUCTION')
    let empty = false
    const { refresh, production } = start({
      over: {
        productionModelVersion: () => (empty ? Promise.resolve(null) : store.productionModelVersion()),
      },
    })
    await refresh()
    empty = true
    await refresh()
    expect(production()).toBeNull()
  })

  test.each([
    ['cannot be read', 'broken', 'no artefact at all', 2],
    ['ends the thread that reads it, which is tried again,', 'crash', 'the thread has ended', 3],
  ])(
    'an artefact that %s leaves its place to the version before, and is reported once',
    async (_, text, problem, expectedReads) => {
      await save(1, 'PRODUCTION')
      const { refresh, production, previous, errors, reads, unloadable } = start()
      await refresh()
      await save(2, 'PRODUCTION', text)
      await refresh()
      await refresh()
      expect([production(), previous()]).toEqual([null, 'item-to-item-v1'])
      expect([reads(), await unloadable()]).toEqual([expectedReads, 1])
      expect(errors()).toHaveLength(1)
      expect(errors()[0]?.problem).toContain(problem)
      await save(3, 'PRODUCTION')
      await refresh()
      expect([production(), previous()]).toEqual(['item-to-item-v3', 'item-to-item-v1'])
    },
  )

  test('an artefact that is not there yet is looked for again', async () => {
    await save(1, 'PRODUCTION')
    let there = false
    const { refresh, production } = start({
      over: { modelArtefact: (id) => (there ? store.modelArtefact(id) : Promise.resolve(null)) },
    })
    await refresh()
    expect(production()).toBeNull()
    there = true
    await refresh()
    expect(production()).toBe('item-to-item-v1')
  })

  test('keeps what it has while the datastore is away', async () => {
    await save(1, 'PRODUCTION')
    let away = false
    const { refresh, production } = start({
      over: {
        productionModelVersion: () =>
          away ? Promise.reject(new Error('away')) : store.productionModelVersion(),
      },
    })
    await refresh()
    away = true
    await refresh()
    expect(production()).toBe('item-to-item-v1')
  })

  test('what was put into production while it was reading is left to the next run', async () => {
    for (const number of [1, 2]) await save(number, 'PRODUCTION')
    let slow = false
    const read = Promise.withResolvers<void>()
    const { models, refresh, production } = start({
      over: {
        modelArtefact: async (id) => {
          if (slow) await read.promise
          return store.modelArtefact(id)
        },
      },
    })
    await refresh()
    slow = true
    await save(3, 'PRODUCTION')
    const refreshed = refresh()
    await serveModel(store, { id: 'item-to-item-v1' })
    models.putInProduction(models.previous())
    read.resolve()
    await refreshed
    expect(production()).toBe('item-to-item-v1')
    await refresh()
    expect(production()).toBe('item-to-item-v1')
  })

  test('what a guardrail switches off serves no more, and what it has switched off before never does', async () => {
    const before = await save(1, 'PRODUCTION')
    const bad = await save(2, 'PRODUCTION')
    const pinned = await save(3, 'EXPERIMENT')
    const { models, guardrails, refresh, pin, production, previous, errors } = start()
    pin(pinned)
    await refresh()
    const likes = (...ids: string[]) => [...ids, 'unknown'].map((itemId) => ({ itemId, weight: 1 }))
    // It recommends its one item to nobody who has it already, so these lists are empty.
    models.production()?.model.recommend(likes('v2'), 200)
    models.byVersionId(pinned)?.model.recommend(likes('v3'), 200)
    expect(guardrails.check().map(({ versionId }) => versionId)).toEqual([bad, pinned])
    expect(guardrails.check()).toEqual([])
    await refresh()
    expect([production(), previous(), models.byVersionId(pinned)]).toEqual([null, before, null])
    expect(errors().map(({ problem }) => problem)).toEqual([
      'a guardrail has switched it off: 1 of its last 1 lists were empty, and 0% is the limit',
      'a guardrail has switched it off: 1 of its last 1 lists were empty, and 0% is the limit',
    ])
    const evidence = { kind: 'GUARDRAIL', hash: null } as const
    const change = { from: 'EXPERIMENT', to: 'RETIRED', at: 0, by: 'p', reason: 'x', evidence } as const
    const moves = [{ versionId: pinned, from: 'EXPERIMENT', change }] as const
    await store.moveModelVersions({ expectedProduction: bad, moves })
    const restarted = start()
    restarted.pin(pinned)
    await restarted.refresh()
    expect(restarted.models.byVersionId(pinned)).toBeNull()
  })

  test('loads the versions that experiments pin, those that have retired since too, and forgets them after', async () => {
    await save(1, 'PRODUCTION')
    await save(2, 'PRODUCTION')
    await save(3, 'EXPERIMENT')
    const { models, refresh, pin, production } = start()
    pin('item-to-item-v1', 'item-to-item-v3')
    await refresh()
    expect(production()).toBe('item-to-item-v2')
    expect(models.byVersionId('item-to-item-v1')?.version.stage).toBe('RETIRED')
    expect(models.byVersionId('item-to-item-v3')?.version.stage).toBe('EXPERIMENT')
    pin()
    await refresh()
    expect(models.byVersionId('item-to-item-v3')).toBeNull()
  })

  test('a version that did not walk the path serves nobody, pinned or not', async () => {
    const id = await save(1, 'SHADOW')
    const { models, refresh, pin, errors } = start()
    pin(id, 'item-to-item-v9')
    await refresh()
    await refresh()
    expect(models.byVersionId(id)).toBeNull()
    expect(errors().map(({ problem }) => problem)).toEqual([
      'an experiment pins it in stage SHADOW',
      'an experiment pins it, and there is no such version',
    ])
  })

  test('keeps a bounded number of pinned versions, and reports the others', async () => {
    const ids: string[] = []
    for (let number = 1; number <= MAX_PINNED_VERSIONS + 2; number++)
      ids.push(await save(number, 'EXPERIMENT'))
    const { models, refresh, pin, unloadable } = start()
    pin(...ids)
    await refresh()
    expect(ids.filter((id) => models.byVersionId(id) !== null)).toHaveLength(MAX_PINNED_VERSIONS)
    expect(await unloadable()).toBe(2)
  })
  test('what running experiments pin goes before what stopped and paused ones pin', async () => {
    const old: string[] = []
    for (let number = 1; number <= MAX_PINNED_VERSIONS; number++) old.push(await save(number, 'EXPERIMENT'))
    const added = await save(MAX_PINNED_VERSIONS + 1, 'EXPERIMENT')
    const { models, refresh, publish, unloadable } = start()
    const closed = old.map((id, index) => pinning(id, index % 2 === 0 ? 'STOPPED' : 'PAUSED'))
    publish(...closed)
    await refresh()
    expect(old.every((id) => models.byVersionId(id) !== null)).toBe(true)
    // A running experiment pins the last of the old ones as well, so that the one before it makes room.
    publish(...closed, pinning(added), pinning(old.at(-1)!))
    await refresh()
    expect([added, ...old].filter((id) => models.byVersionId(id) === null)).toEqual([old.at(-2)])
    expect(await unloadable()).toBe(1)
  })
})
