import { createHash } from 'node:crypto'
import type { InteractionType } from '@bulkhead/contracts'
import { createLogger } from '@bulkhead/service/logging'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import { parseDescription } from '../domain/artefact/model-description.ts'
import { readSafetensors } from '../domain/artefact/safetensors.ts'
import type { IalsCheckpoint } from '../domain/ials/train.ts'
import { DEFAULT_PARAMETERS } from '../domain/item-to-item/parameters.ts'
import { decodeModel } from '../domain/recommendation-model.ts'
import { serveModel } from '../testing/serving-model.ts'
import type { Checkpoints } from './checkpoints.ts'
import { createTrainingService, type TrainingProgress, TrainingRefusedError } from './training-service.ts'

const log = createLogger({ service: 'test', level: 'silent' })
const REQUEST = {
  owner: 'someone',
  reason: 'a test',
  choice: { algorithm: 'item-knn', parameters: {} },
} as const

let store: PersonalizationStore
let now = 1_000

beforeEach(async () => {
  store = await openPersonalizationStore('sqlite::memory:')
})
afterEach(() => store.close())

function service(checkpoints?: Checkpoints) {
  return createTrainingService({
    store,
    clock: { now: () => now++ },
    log,
    ...(checkpoints && { checkpoints }),
  })
}

async function happened(
  userId: string,
  itemIds: readonly string[],
  type: InteractionType = 'PLAY',
): Promise<void> {
  await store.importInteractions(
    itemIds.map((itemId, n) => ({
      eventId: `event-${userId}-${itemId}-${type}`,
      userId,
      itemId,
      type,
      slateId: null,
      value: null,
      occurredAt: 100 + n,
    })),
  )
}

describe('training service', () => {
  test('its cutoff is the newest interaction it learns from, wherever that is read', async () => {
    const at = (eventId: string, userId: string, occurredAt: number, type: InteractionType = 'PLAY') => ({
      ...{ eventId, userId, itemId: eventId, type, slateId: null, value: null, occurredAt },
    })
    await store.importInteractions([
      ...[at('a', 'u1', 300), at('b', 'u1', 900), at('c', 'u2', 500), at('d', 'u3', 100)],
      at('e', 'u4', 2_000, 'SKIP'),
    ])
    expect((await service().train(REQUEST)).trainingData.cutoff).toBe(900)
  })

  test('refuses to train on nothing, and says what to do', async () => {
    await happened('u1', ['a'], 'SKIP')
    await expect(service().train(REQUEST)).rejects.toThrow(TrainingRefusedError)
    await expect(service().train(REQUEST)).rejects.toThrow(/import some .* or load the demo/)
  })

  test('refuses to register factors that have gone to 0', async () => {
    await happened('u1', ['a', 'b'])
    await happened('u2', ['b', 'c'])
    const choice = { algorithm: 'ials', parameters: { regularization: 100 } } as const
    const error = await service()
      .train({ ...REQUEST, choice })
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(TrainingRefusedError)
    expect(error).toMatchObject({
      code: 'COLLAPSED',
      message: expect.stringContaining('all factors went to 0'),
    })
    expect((await store.findModelVersions({ filter: {}, limit: 1, after: null })).versions).toEqual([])
  })

  test('registers a version whose artefact can serve, with where it comes from', async () => {
    await happened('u1', ['a', 'b'])
    await happened('u2', ['a', 'b', 'c'])
    await happened('u3', ['z'], 'HIDE')
    const version = await service().train(REQUEST)
    expect(version).toMatchObject({
      id: 'item-to-item-v1',
      model: 'item-to-item',
      version: 1,
      stage: 'REGISTERED',
      owner: 'someone',
      trainingData: { users: 2, items: 3, interactions: 5, cutoff: 102 },
      stageHistory: [{ from: null, to: 'REGISTERED', by: 'someone', reason: 'a test' }],
    })
    expect(version.stageHistory).toHaveLength(1)
    expect(await store.productionModelVersion()).toBeNull()
    const artefact = await store.modelArtefact(version.id)
    expect(createHash('sha256').update(artefact!).digest('hex')).toBe(version.artefactHash)
    const model = decodeModel(artefact!)
    expect(model.algorithm).toBe(version.algorithm)
    const { parameters, trainingFingerprint } = parseDescription(readSafetensors(artefact!).metadata)
    expect(parameters).toEqual(DEFAULT_PARAMETERS)
    expect(trainingFingerprint).toBe(version.trainingData.fingerprint)
    expect(model.recommend([{ itemId: 'a', weight: 1 }], 10).map(({ itemId }) => itemId)).toEqual(['b', 'c'])
  })

  test.each([
    ['of the newest version', false],
    ['of the version in production', true],
  ])('trains nothing where data and parameters are those %s', async (_, serves) => {
    await happened('u1', ['a', 'b'])
    const first = await service().train(REQUEST)
    if (serves) {
      await serveModel(store, first)
      await store.saveModelVersion(
        { ...first, id: 'item-to-item-v2', algorithm: 'other' },
        new Uint8Array([1]),
      )
    }
    const versions = await store.countModelVersions({})
    const progress: TrainingProgress[] = []
    const second = await service().train({ ...REQUEST, onProgress: (one) => progress.push(one) })
    expect(second.id).toBe(first.id)
    expect(progress.at(-1)).toEqual({ phase: 'unchanged' })
    expect(await store.countModelVersions({})).toBe(versions)
  })

  test('trains anew where the version of the same data is retired, because that can never serve again', async () => {
    await happened('u1', ['a', 'b'])
    const first = await serveModel(store, await service().train(REQUEST))
    const other = { ...first, id: 'factors-v1', model: 'factors', stageHistory: [] }
    await store.saveModelVersion({ ...other, stage: 'REGISTERED' }, new Uint8Array([1]))
    await serveModel(store, other)
    expect(await service().train(REQUEST)).toMatchObject({ id: 'item-to-item-v2', stage: 'REGISTERED' })
    expect(await store.productionModelVersion()).toMatchObject({ id: 'factors-v1' })
  })

  test('new data or other parameters make a new version, and what serves goes on', async () => {
    await happened('u1', ['a', 'b'])
    const first = await serveModel(store, await service().train(REQUEST))
    await happened('u2', ['a', 'c'])
    const second = await service().train(REQUEST)
    expect(second.trainingData.fingerprint).not.toBe(first.trainingData.fingerprint)
    const third = await service().train({
      ...REQUEST,
      choice: { algorithm: 'item-knn', parameters: { neighbours: 1 } },
    })
    expect([second.id, third.id]).toEqual(['item-to-item-v2', 'item-to-item-v3'])
    const { versions } = await store.findModelVersions({ filter: {}, limit: 10, after: null })
    expect(versions.map(({ stage }) => stage)).toEqual(['REGISTERED', 'REGISTERED', 'PRODUCTION'])
  })

  test('a refresh is a version of its own, also on the same data, and keeps what it stands on', async () => {
    await happened('u1', ['a', 'b'])
    const plain = await service().train(REQUEST)
    expect(plain.recipe).toMatchObject({ algorithm: 'item-knn', codeVersion: 'item-to-item/2' })
    const refresh = { of: 'item-to-item-v9', decisionHash: 'd'.repeat(64) }
    const refreshed = await service().train({ ...REQUEST, refresh })
    expect(refreshed).toMatchObject({ stage: 'REGISTERED', refresh, artefactHash: plain.artefactHash })
    expect(refreshed.id).not.toBe(plain.id)
    const again = await service().train({ ...REQUEST, refresh })
    expect(again.id).toBe(refreshed.id)
    const other = await service().train(REQUEST)
    expect(other.refresh).toBeUndefined()
  })

  test('what was trained before is found behind others: also a refresh that did not pass', async () => {
    await happened('u1', ['a', 'b'])
    const plain = await service().train(REQUEST)
    const refresh = { of: 'item-to-item-v9', decisionHash: 'd'.repeat(64) }
    const refreshed = await service().train({ ...REQUEST, refresh })
    const change = { from: 'REGISTERED', to: 'RETIRED', at: 0, by: 'ada', reason: 'not as good' } as const
    await store.moveModelVersions({
      expectedProduction: null,
      moves: [{ versionId: refreshed.id, from: 'REGISTERED', change }],
    })
    await service().train({ ...REQUEST, choice: { algorithm: 'item-knn', parameters: { neighbours: 1 } } })
    expect(await service().train({ ...REQUEST, refresh })).toMatchObject({
      id: refreshed.id,
      stage: 'RETIRED',
    })
    expect((await service().train(REQUEST)).id).toBe(plain.id)
  })

  test('the same interactions give the same artefact, in whatever order they came', async () => {
    await happened('u2', ['c', 'a'])
    await happened('u1', ['b', 'a'])
    const here = await service().train(REQUEST)
    await store.close()
    store = await openPersonalizationStore('sqlite::memory:')
    await store.importInteractions([])
    await happened('u1', ['b', 'a'])
    await happened('u2', ['c', 'a'])
    const there = await service().train(REQUEST)
    expect(there.artefactHash).toBe(here.artefactHash)
    expect(there.trainingData.fingerprint).toBe(here.trainingData.fingerprint)
  })

  test('without a choice trains EASE where there are few items', async () => {
    await happened('u1', ['a', 'b'])
    const { owner, reason } = REQUEST
    const progress: TrainingProgress[] = []
    const version = await service().train({ owner, reason, onProgress: (one) => progress.push(one) })
    expect(version).toMatchObject({
      id: 'ease-v1',
      model: 'ease',
      algorithm: 'ease/1 (lambda=458, neighbours=200)',
    })
    expect(progress).toContainEqual({ phase: 'planned', algorithm: 'ease', items: 2 })
  })

  test('trains iALS on request, whose artefact serves', async () => {
    await happened('u1', ['a', 'b'])
    await happened('u2', ['a', 'b', 'c'])
    const choice = { algorithm: 'ials', parameters: { dimensions: 4, epochs: 3, seed: 5 } } as const
    const version = await service().train({ ...REQUEST, choice })
    expect(version.algorithm).toMatch(/^ials\/1 \(dimensions=4, epochs=3, .*seed=5\)$/)
    const model = decodeModel((await store.modelArtefact(version.id))!)
    expect(model.recommend([{ itemId: 'a', weight: 1 }], 10).map(({ itemId }) => itemId)).toEqual(['b', 'c'])
  })

  test('an interrupted training goes on from its last checkpoint to the same artefact, and clears it', async () => {
    await happened('u1', ['a', 'b', 'c'])
    await happened('u2', ['b', 'd'])
    const choice = { algorithm: 'ials', parameters: { dimensions: 4, epochs: 6 } } as const
    const kept = memoryCheckpoints()
    const undisturbed = await service(kept).train({ ...REQUEST, choice })
    expect(kept.saved()).toBe(5)
    expect(await kept.load(`${undisturbed.algorithm} ${undisturbed.trainingData.fingerprint}`)).toBeNull()

    await store.close()
    store = await openPersonalizationStore('sqlite::memory:')
    await happened('u1', ['a', 'b', 'c'])
    await happened('u2', ['b', 'd'])
    const kept3 = memoryCheckpoints()
    await expect(
      service(kept3).train({ ...REQUEST, choice, onProgress: killedAfter(kept3, 3) }),
    ).rejects.toThrow('the process is killed')
    const progress: TrainingProgress[] = []
    const resumed = await service(kept3).train({
      ...REQUEST,
      choice,
      onProgress: (one) => progress.push(one),
    })
    expect(progress).toContainEqual({ phase: 'resumed', epochs: 3 })
    expect(resumed.artefactHash).toBe(undisturbed.artefactHash)

    const others = memoryCheckpoints()
    const other = { algorithm: 'ials', parameters: { dimensions: 4, epochs: 7 } } as const
    await expect(
      service(others).train({ ...REQUEST, choice: other, onProgress: killedAfter(others, 3) }),
    ).rejects.toThrow('killed')
    await happened('u3', ['a'])
    const anew: TrainingProgress[] = []
    await service(others).train({ ...REQUEST, choice: other, onProgress: (one) => anew.push(one) })
    expect(anew.map(({ phase }) => phase)).not.toContain('resumed')
  })

  test('a checkpoint that cannot be written costs no training', async () => {
    await happened('u1', ['a', 'b'])
    const full: Checkpoints = { ...memoryCheckpoints(), save: () => Promise.reject(new Error('ENOSPC')) }
    const choice = { algorithm: 'ials', parameters: { dimensions: 2, epochs: 3 } } as const
    expect((await service(full).train({ ...REQUEST, choice })).stage).toBe('REGISTERED')
  })

  test('two who train at once get two versions', async () => {
    await happened('u1', ['a', 'b'])
    const [one, other] = await Promise.all([service().train(REQUEST), service().train(REQUEST)])
    expect(new Set([one.id, other.id])).toEqual(new Set(['item-to-item-v1', 'item-to-item-v2']))
  })

  test('lets others run while it works, over more pages than one', async () => {
    for (let user = 0; user < 30; user++) {
      await happened(
        `u${user}`,
        Array.from({ length: 100 }, (_, n) => `i${(user * 37 + n * 11) % 400}`),
      )
    }
    let turns = 0
    const timer = setInterval(() => turns++, 0)
    const progress: TrainingProgress[] = []
    await service().train({ ...REQUEST, onProgress: (one) => progress.push(one) })
    clearInterval(timer)
    expect(turns).toBeGreaterThan(0)
    expect(progress.filter(({ phase }) => phase === 'reading').length).toBeGreaterThan(2)
    expect(progress.filter(({ phase }) => phase === 'training').length).toBeGreaterThan(2)
  })
})

/** Ends a training once there are so many checkpoints, as a process does that is killed. */
function killedAfter(checkpoints: { saved(): number }, count: number): () => void {
  return () => {
    if (checkpoints.saved() === count) throw new Error('the process is killed')
  }
}

function memoryCheckpoints(): Checkpoints & { saved(): number } {
  let kept: { readonly run: string; readonly checkpoint: IalsCheckpoint } | null = null
  let saved = 0
  return {
    async save(run, { epochs, itemFactors }) {
      kept = { run, checkpoint: { epochs, itemFactors: itemFactors.slice() } }
      saved++
    },
    load: async (run) => (kept?.run === run ? kept.checkpoint : null),
    async clear() {
      kept = null
    },
    saved: () => saved,
  }
}
