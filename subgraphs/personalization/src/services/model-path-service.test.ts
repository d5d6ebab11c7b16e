import { canonicalHash, type JsonObject } from '@bulkhead/contracts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import { DECISION_KEYS, sampleBootstrap, sampleShip } from '../testing/samples/decisions.ts'
import { sampleEvaluation } from '../testing/samples/evaluations.ts'
import { sampleSnapshot } from '../testing/samples/experiments.ts'
import { sampleModelVersion } from '../testing/samples/models.ts'
import { sampleShadowPart } from '../testing/samples/shadow.ts'
import { NOON } from '../testing/samples/time.ts'
import { createModelPathService, type PathResult } from './model-path-service.ts'

const ARTEFACT = new Uint8Array([1])
const HASH = 'a'.repeat(64)

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
  await store.saveModelVersion(sampleModelVersion(id, { artefactHash: HASH }), ARTEFACT)
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
