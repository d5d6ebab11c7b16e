import { generateKeyPairSync, hash } from 'node:crypto'
import { canonicalHash, type JsonObject } from '@bulkhead/contracts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import { sampleCanaryPart } from '../testing/samples/canary.ts'
import { DECISION_KEYS, sampleBootstrap, sampleShip } from '../testing/samples/decisions.ts'
import { sampleEvaluation } from '../testing/samples/evaluations.ts'
import { sampleSnapshot } from '../testing/samples/experiments.ts'
import {
  SAMPLE_ARTEFACT,
  SAMPLE_ARTEFACT_HASH,
  SAMPLE_RECIPE,
  sampleModelVersion,
} from '../testing/samples/models.ts'
import { sampleShipped } from '../testing/samples/refreshes.ts'
import { sampleShadowPart } from '../testing/samples/shadow.ts'
import { NOON } from '../testing/samples/time.ts'
import { saveServing } from '../testing/serving-model.ts'
import { createModelPathService, type PathResult } from './model-path-service.ts'
import { planRefresh } from './refreshes/refresh-plan.ts'

let store: PersonalizationStore
let decisions: JsonObject[]

beforeEach(async () => {
  store = await openPersonalizationStore('sqlite::memory:')
  decisions = []
})
afterEach(() => store.close())

function serviceOn(over: Partial<PersonalizationStore> = {}) {
  return createModelPathService({
    store: { ...store, ...over },
    snapshots: { current: () => ({ ...sampleSnapshot(), decisions }) },
    publicKeys: DECISION_KEYS,
    clock: { now: () => NOON + 60_000 },
  })
}

async function register(id: string): Promise<void> {
  await store.saveModelVersion(
    sampleModelVersion(id, { artefactHash: SAMPLE_ARTEFACT_HASH }),
    SAMPLE_ARTEFACT,
  )
}

const steps = { by: 'ada', reason: 'because' }

async function serving(): Promise<string | null> {
  return (await store.productionModelVersion())?.id ?? null
}

function outcomeOf(result: PathResult): string {
  if (result.type === 'done') return `${result.version?.id ?? 'none'} ${result.version?.stage ?? ''}`.trim()
  return result.refusal.type
}

async function promote(id: string, to: Parameters<ReturnType<typeof serviceOn>['promote']>[0]['to']) {
  return outcomeOf(await serviceOn().promote({ id, to, ...steps }))
}

async function rollback(expectedCurrent: string) {
  return outcomeOf(await serviceOn().rollback({ expectedCurrent, ...steps }))
}

/** The first of a deployment. */
async function bootstrap(id: string): Promise<void> {
  await register(id)
  await store.addModelEvaluation(id, sampleEvaluation())
  expect(await promote(id, 'EVALUATED')).toBe(`${id} EVALUATED`)
  decisions.push(sampleBootstrap(id))
  expect(await promote(id, 'PRODUCTION')).toBe(`${id} PRODUCTION`)
}

/** A challenger whose SHIP decision binds the recipe that it was trained by. */
async function shipWithRecipe(id: string): Promise<void> {
  await store.saveModelVersion(
    sampleModelVersion(id, { artefactHash: SAMPLE_ARTEFACT_HASH, recipe: SAMPLE_RECIPE }),
    SAMPLE_ARTEFACT,
  )
  await walkToExperiment(id)
  decisions.push(sampleShip(id, { recipe: SAMPLE_RECIPE }))
  expect(await promote(id, 'PRODUCTION')).toBe(`${id} PRODUCTION`)
}

async function walkToExperiment(id: string): Promise<void> {
  await store.addModelEvaluation(id, sampleEvaluation({ championId: await serving() }))
  await store.addShadow(id, sampleShadowPart(200, await serving()))
  for (const to of ['EVALUATED', 'SHADOW', 'EXPERIMENT'] as const) {
    expect(await promote(id, to)).toBe(`${id} ${to}`)
  }
}

/** As `refresh` registers it. */
async function registerRefresh(id: string, versionId: string): Promise<void> {
  const { refresh } = await planRefresh(store, versionId)
  const fields = { artefactHash: SAMPLE_ARTEFACT_HASH, recipe: SAMPLE_RECIPE, refresh }
  await store.saveModelVersion(sampleModelVersion(id, fields), SAMPLE_ARTEFACT)
}

async function challenge(id: string): Promise<void> {
  await register(id)
  await store.addModelEvaluation(id, sampleEvaluation({ championId: await serving() }))
  for (const to of ['EVALUATED', 'SHADOW'] as const) expect(await promote(id, to)).toBe(`${id} ${to}`)
  await store.addShadow(id, sampleShadowPart(199, await serving()))
  expect(await promote(id, 'EXPERIMENT')).toBe('gate')
  await store.addShadow(id, sampleShadowPart(200, await serving()))
  expect(await promote(id, 'EXPERIMENT')).toBe(`${id} EXPERIMENT`)
  expect(await promote(id, 'PRODUCTION')).toBe('gate')
  decisions.push(sampleShip(id))
  expect(await promote(id, 'PRODUCTION')).toBe(`${id} PRODUCTION`)
}

describe('a refresh', () => {
  test('of what a decision with a recipe has shipped passes its canary, and so does one of it, without another decision', async () => {
    await bootstrap('m-v1')
    await shipWithRecipe('m-v2')
    // Experimentation does not list the decision any more: the history of m-v2 keeps it.
    decisions = []
    for (const [id, of] of [
      ['m-v3', 'm-v2'],
      ['m-v4', 'm-v3'],
    ] as const) {
      await registerRefresh(id, of)
      await walkToExperiment(id)
      expect(await promote(id, 'PRODUCTION')).toBe('gate')
      await store.addCanary(id, sampleCanaryPart(200, { championId: of }))
      expect(await promote(id, 'PRODUCTION')).toBe(`${id} PRODUCTION`)
    }
    const [last] = await store.modelVersionsByIds(['m-v4'])
    expect(last?.refresh?.of).toBe('m-v2')
    const { evidence } = last?.stageHistory.at(-1) ?? {}
    expect(evidence).toMatchObject({ kind: 'CANARY', hash: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect(JSON.parse(evidence?.record ?? '')).toMatchObject({ championId: 'm-v3', canary: { lists: 200 } })
    expect(await rollback('m-v4')).toBe('m-v3 PRODUCTION')
    await expect(registerRefresh('m-v5', 'm-v2')).rejects.toThrow(
      /m-v4 was taken out .* revoked the recipe of m-v2/,
    )
    expect(await rollback('m-v3')).toBe('m-v2 PRODUCTION')
    expect(await rollback('m-v2')).toBe('m-v1 PRODUCTION')
    await expect(registerRefresh('m-v6', 'm-v2')).rejects.toThrow(/m-v2 was taken out of service/)
  })

  test('that is taken out of PRODUCTION revokes the recipe, and takes others of the line out of their canary', async () => {
    await bootstrap('m-v1')
    await shipWithRecipe('m-v2')
    await registerRefresh('m-v3', 'm-v2')
    await walkToExperiment('m-v3')
    await store.addCanary('m-v3', sampleCanaryPart(200, { championId: 'm-v2' }))
    expect(await promote('m-v3', 'PRODUCTION')).toBe('m-v3 PRODUCTION')
    for (const id of ['m-v4', 'm-v5']) await registerRefresh(id, 'm-v3')
    await walkToExperiment('m-v4')
    expect(outcomeOf(await serviceOn().switchOff({ id: 'm-v3', by: 'p1', reason: 'it failed' }))).toBe(
      'm-v3 RETIRED',
    )
    expect(await serving()).toBe('m-v2')
    const [canary] = await store.modelVersionsByIds(['m-v4'])
    expect(canary?.stageHistory.at(-1)).toMatchObject({
      from: 'EXPERIMENT',
      to: 'RETIRED',
      by: 'p1',
      reason: 'm-v3 was taken out of PRODUCTION, which has revoked the recipe of m-v2',
    })
    await expect(registerRefresh('m-v6', 'm-v2')).rejects.toThrow(/m-v3 was taken out/)
    await store.addModelEvaluation('m-v5', sampleEvaluation({ championId: 'm-v2' }))
    await store.addShadow('m-v5', sampleShadowPart(200, 'm-v2'))
    for (const to of ['EVALUATED', 'SHADOW'] as const) expect(await promote('m-v5', to)).toBe(`m-v5 ${to}`)
    expect(await serviceOn().promote({ id: 'm-v5', to: 'EXPERIMENT', ...steps })).toMatchObject({
      refusal: { type: 'gate', missing: [expect.stringMatching(/m-v3 was taken out of service/)] },
    })
  })

  test('that fails in its canary revokes nothing', async () => {
    await bootstrap('m-v1')
    await shipWithRecipe('m-v2')
    await registerRefresh('m-v3', 'm-v2')
    await walkToExperiment('m-v3')
    await serviceOn().switchOff({ id: 'm-v3', by: 'p1', reason: 'it failed' })
    await registerRefresh('m-v4', 'm-v2')
    await walkToExperiment('m-v4')
  })

  test('is not let in by a decision that somebody has put into the history', async () => {
    await bootstrap('m-v1')
    const { privateKey } = generateKeyPairSync('ed25519')
    const forged = sampleShip('m-v2', { recipe: SAMPLE_RECIPE }, { keyId: 'k1', privateKey })
    await saveServing(store, sampleShipped('m-v2', {}, forged), SAMPLE_ARTEFACT)
    await registerRefresh('m-v3', 'm-v2')
    await store.addModelEvaluation('m-v3', sampleEvaluation({ championId: 'm-v2' }))
    await store.addShadow('m-v3', sampleShadowPart(200, 'm-v2'))
    for (const to of ['EVALUATED', 'SHADOW'] as const) expect(await promote('m-v3', to)).toBe(`m-v3 ${to}`)
    expect(await serviceOn().promote({ id: 'm-v3', to: 'EXPERIMENT', ...steps })).toMatchObject({
      refusal: { type: 'gate', missing: [expect.stringMatching(/m-v2 has no signed SHIP decision/)] },
    })
  })

  test('waits until another one is out of its canary', async () => {
    await bootstrap('m-v1')
    await shipWithRecipe('m-v2')
    await registerRefresh('m-v3', 'm-v2')
    await registerRefresh('m-v4', 'm-v2')
    await walkToExperiment('m-v3')
    await store.addModelEvaluation('m-v4', sampleEvaluation({ championId: 'm-v2' }))
    await store.addShadow('m-v4', sampleShadowPart(200, 'm-v2'))
    for (const to of ['EVALUATED', 'SHADOW'] as const) await promote('m-v4', to)
    expect(await promote('m-v4', 'EXPERIMENT')).toBe('gate')
    expect(outcomeOf(await serviceOn().switchOff({ id: 'm-v3', by: 'p1', reason: 'it failed' }))).toBe(
      'm-v3 RETIRED',
    )
    expect(await promote('m-v4', 'EXPERIMENT')).toBe('m-v4 EXPERIMENT')
    expect(await promote('m-v3', 'PRODUCTION')).toBe('illegal-step')
  })
})

describe('registerModel', () => {
  const about = { model: 'm', artefactHash: SAMPLE_ARTEFACT_HASH, owner: 'eve', by: 'ada' }

  test('makes what was rolled back another version, at the beginning of its path', async () => {
    await bootstrap('m-v1')
    await shipWithRecipe('m-v2')
    await rollback('m-v2')
    await rollback('m-v1')
    const result = await serviceOn().register({ ...about, model: 'item-to-item' })
    const version = result.type === 'done' ? result.version : null
    expect(version).toMatchObject({
      stage: 'REGISTERED',
      artefactHash: SAMPLE_ARTEFACT_HASH,
      owner: 'eve',
      recipe: SAMPLE_RECIPE,
    })
    expect(version?.stageHistory).toMatchObject([
      { by: 'ada', reason: 'registered with the artefact of m-v2' },
    ])
    expect(await store.modelArtefact(version?.id ?? '')).toEqual(SAMPLE_ARTEFACT)
    expect(await promote(version?.id ?? '', 'PRODUCTION')).toBe('illegal-step')
  })

  test('changes nothing where the artefact is a version of the model already', async () => {
    await register('m-v1')
    const again = await serviceOn().register({ ...about, model: 'item-to-item' })
    expect(outcomeOf(again)).toBe('m-v1 REGISTERED')
    const named = await serviceOn().register({ ...about, model: 'other' })
    expect(outcomeOf(named)).toBe('other-v1 REGISTERED')
    expect(outcomeOf(await serviceOn().register({ ...about, model: 'other' }))).toBe('other-v1 REGISTERED')
  })

  test('takes the bytes of whichever version still has them whole, and refuses where none has, with both hashes', async () => {
    await store.saveModelVersion(
      sampleModelVersion('m-v1', { createdAt: NOON + 1, artefactHash: SAMPLE_ARTEFACT_HASH }),
      new Uint8Array([2]),
    )
    expect(await serviceOn().register({ ...about, model: 'other' })).toEqual({
      type: 'refused',
      refusal: {
        type: 'damaged-artefact',
        id: 'm-v1',
        expected: SAMPLE_ARTEFACT_HASH,
        actual: hash('sha256', new Uint8Array([2]), 'hex'),
      },
    })
    await register('m-v2')
    expect(outcomeOf(await serviceOn().register({ ...about, model: 'other' }))).toBe('other-v1 REGISTERED')
    expect(await store.modelArtefact('other-v1')).toEqual(SAMPLE_ARTEFACT)
  })

  test('refuses an artefact that no version has, or that has expired', async () => {
    expect(outcomeOf(await serviceOn().register(about))).toBe('unknown-artefact')
    await register('m-v1')
    const service = serviceOn({ modelArtefact: async () => null })
    expect(outcomeOf(await service.register({ ...about, model: 'other' }))).toBe('unknown-artefact')
  })
})

describe('planRefresh', () => {
  test('refuses a version whose decision names another recipe than its own, which has let it in all the same', async () => {
    await bootstrap('m-v1')
    const fields = { artefactHash: SAMPLE_ARTEFACT_HASH, recipe: SAMPLE_RECIPE }
    await store.saveModelVersion(sampleModelVersion('m-v2', fields), SAMPLE_ARTEFACT)
    await walkToExperiment('m-v2')
    decisions.push(sampleShip('m-v2', { recipe: { ...SAMPLE_RECIPE, codeVersion: 'ease/9' } }))
    expect(await promote('m-v2', 'PRODUCTION')).toBe('m-v2 PRODUCTION')
    await expect(planRefresh(store, 'm-v2')).rejects.toThrow(
      /SHIP decision that binds the recipe it was trained by/,
    )
  })

  test('refuses what no recipe is bound to, what is unknown, and what does not serve', async () => {
    await bootstrap('m-v1')
    await expect(planRefresh(store, 'none')).rejects.toThrow(/no version none/)
    await expect(planRefresh(store, 'm-v1')).rejects.toThrow(
      /not let into production by a SHIP decision that binds the recipe/,
    )
    await challenge('m-v2')
    await expect(planRefresh(store, 'm-v2')).rejects.toThrow(
      /not let into production by a SHIP decision that binds the recipe/,
    )
    await shipWithRecipe('m-v3')
    expect(await planRefresh(store, 'm-v3')).toMatchObject({ choice: { algorithm: 'ease' } })
    await challenge('m-v4')
    await expect(planRefresh(store, 'm-v3')).rejects.toThrow(/m-v4 serves, and the recipe is for m-v3/)
  })

  test('refuses a recipe that this release does not follow, and says in what', async () => {
    const recipe = { ...SAMPLE_RECIPE, codeVersion: 'ease/0' }
    const shipped = sampleShipped('m-v2', { recipe }, sampleShip('m-v2', { recipe }))
    await saveServing(store, shipped, SAMPLE_ARTEFACT)
    await expect(planRefresh(store, 'm-v2')).rejects.toThrow(
      /code version is ease\/1, and the recipe has ease\/0/,
    )
  })
})

describe('the path', () => {
  test('leads the first model and its challengers to PRODUCTION, and back', async () => {
    await bootstrap('m-v1')
    await challenge('m-v2')
    await challenge('m-v3')
    expect(await serving()).toBe('m-v3')
    const [second] = await store.modelVersionsByIds(['m-v2'])
    expect(second?.stageHistory.map(({ to, evidence }) => [to, evidence?.kind ?? null])).toEqual([
      ['REGISTERED', null],
      ['EVALUATED', 'EVALUATION'],
      ['SHADOW', null],
      ['EXPERIMENT', 'SHADOW'],
      ['PRODUCTION', 'DECISION'],
      ['RETIRED', null],
    ])
    expect(await rollback('m-v3')).toBe('m-v2 PRODUCTION')
    expect(await rollback('m-v3')).toBe('m-v2 PRODUCTION')
    expect(await rollback('m-v2')).toBe('m-v1 PRODUCTION')
    expect(await rollback('m-v1')).toBe('none')
    expect(await serving()).toBeNull()
    expect(await rollback('m-v1')).toBe('none')
  })

  test('lets nothing in by a decision of before, once it was rolled back, nor by a second bootstrap', async () => {
    await bootstrap('m-v1')
    await challenge('m-v2')
    await rollback('m-v2')
    expect(await promote('m-v2', 'PRODUCTION')).toBe('illegal-step')
    await register('m-v3')
    await store.addModelEvaluation('m-v3', sampleEvaluation({ championId: 'm-v1' }))
    await promote('m-v3', 'EVALUATED')
    decisions.push(sampleBootstrap('m-v3'))
    const result = await serviceOn().promote({ id: 'm-v3', to: 'PRODUCTION', ...steps })
    expect(result).toMatchObject({
      refusal: { type: 'gate', missing: [expect.stringMatching(/not the first model/)] },
    })
    expect(await serving()).toBe('m-v1')
  })

  test('judges a shadow report beside the champion of now, and keeps what it judged', async () => {
    await bootstrap('m-v1')
    await challenge('m-v2')
    const [second] = await store.modelVersionsByIds(['m-v2'])
    const judged = second?.stageHistory.find(({ to }) => to === 'EXPERIMENT')?.evidence
    expect(judged?.shadow).toMatchObject({ championId: 'm-v1', requests: 200 })
    expect(canonicalHash(judged?.shadow ?? {})).toBe(judged?.hash)
    await store.addShadow('m-v2', sampleShadowPart(300, 'm-v1'))
    expect((await store.modelVersionsByIds(['m-v2']))[0]).toEqual(second)

    await register('m-v3')
    await store.addModelEvaluation('m-v3', sampleEvaluation({ championId: 'm-v2' }))
    for (const to of ['EVALUATED', 'SHADOW'] as const) await promote('m-v3', to)
    await store.addShadow('m-v3', sampleShadowPart(500, 'm-v1'))
    const beside = await serviceOn().promote({ id: 'm-v3', to: 'EXPERIMENT', ...steps })
    expect(beside).toMatchObject({
      refusal: { type: 'gate', missing: [expect.stringMatching(/beside m-v1, and now m-v2 serves/)] },
    })
    await store.addShadow('m-v3', sampleShadowPart(199, 'm-v2'))
    expect(await promote('m-v3', 'EXPERIMENT')).toBe('gate')
    await store.addShadow('m-v3', sampleShadowPart(200, 'm-v2'))
    expect(await promote('m-v3', 'EXPERIMENT')).toBe('m-v3 EXPERIMENT')
  })

  test('does not judge what was counted beside no known champion, even where none serves', async () => {
    await register('m-v1')
    await store.addModelEvaluation('m-v1', sampleEvaluation())
    for (const to of ['EVALUATED', 'SHADOW'] as const) await promote('m-v1', to)
    // As earlier releases have stored it.
    await store.addShadow('m-v1', sampleShadowPart(500, null))
    const none = { missing: [expect.stringMatching(/no version is in production/)] }
    expect(await serviceOn().promote({ id: 'm-v1', to: 'EXPERIMENT', ...steps })).toMatchObject({
      refusal: { type: 'gate', ...none },
    })
    await bootstrap('m-v2')
    const beside = { missing: [expect.stringMatching(/beside another version, and now m-v2 serves/)] }
    expect(await serviceOn().promote({ id: 'm-v1', to: 'EXPERIMENT', ...steps })).toMatchObject({
      refusal: { type: 'gate', ...beside },
    })
  })

  test('once all was rolled back, begins anew with a bootstrap decision, for there is no champion', async () => {
    await bootstrap('m-v1')
    await challenge('m-v2')
    await rollback('m-v2')
    await rollback('m-v1')
    expect(await serving()).toBeNull()
    for (const id of ['m-v1', 'm-v2']) expect(await promote(id, 'PRODUCTION')).toBe('illegal-step')
    await register('m-v3')
    await store.addModelEvaluation('m-v3', sampleEvaluation())
    expect(await promote('m-v3', 'EVALUATED')).toBe('m-v3 EVALUATED')
    expect(await promote('m-v3', 'PRODUCTION')).toBe('gate')
    decisions.push(sampleBootstrap('m-v3'))
    expect(await promote('m-v3', 'PRODUCTION')).toBe('m-v3 PRODUCTION')
  })

  test('refuses what is unknown, not in production, or without a reason', async () => {
    await bootstrap('m-v1')
    await register('m-v2')
    expect(await promote('none', 'EVALUATED')).toBe('unknown-version')
    expect(await rollback('none')).toBe('unknown-version')
    expect(await serviceOn().rollback({ expectedCurrent: 'm-v2', ...steps })).toEqual({
      type: 'refused',
      refusal: { type: 'not-in-production', id: 'm-v2', current: 'm-v1' },
    })
    for (const reason of ['', '  ', 'x'.repeat(1_001), '\ud800']) {
      const request = { id: 'm-v2', to: 'RETIRED', by: 'ada', reason } as const
      expect(outcomeOf(await serviceOn().promote(request))).toBe('invalid-reason')
    }
    expect(await promote('m-v2', 'RETIRED')).toBe('m-v2 RETIRED')
    expect(await promote('m-v2', 'RETIRED')).toBe('m-v2 RETIRED')
    expect(await promote('m-v2', 'EVALUATED')).toBe('illegal-step')
  })

  test('of two that promote or roll back at once, one is first and the other sees it', async () => {
    await bootstrap('m-v1')
    await challenge('m-v2')
    const both = await Promise.all([rollback('m-v2'), rollback('m-v2')])
    expect(both).toEqual(['m-v1 PRODUCTION', 'm-v1 PRODUCTION'])
    const conflicts = serviceOn({ moveModelVersions: async () => 'conflict' })
    expect(outcomeOf(await conflicts.rollback({ expectedCurrent: 'm-v1', ...steps }))).toBe('conflict')
    await register('m-v3')
    expect(outcomeOf(await conflicts.promote({ id: 'm-v3', to: 'RETIRED', ...steps }))).toBe('conflict')
  })

  test('a rollback to a version whose artefact has expired leaves nothing in production', async () => {
    await bootstrap('m-v1')
    await challenge('m-v2')
    expect(await store.expireArtefact({ before: NOON + 120_000, keep: [] })).toBe(true)
    expect(await rollback('m-v2')).toBe('none')
    expect(await serving()).toBeNull()
  })
})
