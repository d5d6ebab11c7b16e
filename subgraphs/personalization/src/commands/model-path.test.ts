import { createApiClient } from '@bulkhead/service/api/api-client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import { createModelPathService } from '../services/model-path-service.ts'
import { sampleCanaryPart } from '../testing/samples/canary.ts'
import { DECISION_KEYS, sampleBootstrap } from '../testing/samples/decisions.ts'
import { sampleEvaluation } from '../testing/samples/evaluations.ts'
import { sampleSnapshot } from '../testing/samples/experiments.ts'
import {
  SAMPLE_ARTEFACT,
  SAMPLE_ARTEFACT_HASH,
  SAMPLE_RECIPE,
  sampleModelVersion,
} from '../testing/samples/models.ts'
import { sampleRefresh, sampleShipped } from '../testing/samples/refreshes.ts'
import { NOON } from '../testing/samples/time.ts'
import { saveServing } from '../testing/serving-model.ts'
import { createTestApi } from '../testing/test-api.ts'
import { runModelPathCommand } from './model-path.ts'

let store: PersonalizationStore
beforeEach(async () => {
  store = await openPersonalizationStore('sqlite::memory:')
  const version = sampleModelVersion('m-v1', { artefactHash: SAMPLE_ARTEFACT_HASH })
  await store.saveModelVersion(version, SAMPLE_ARTEFACT)
})
afterEach(() => store.close())

/** Commands against the graph of this process. */
async function clientOf() {
  const modelPath = createModelPathService({
    store,
    snapshots: { current: () => ({ ...sampleSnapshot(), decisions: [sampleBootstrap('m-v1')] }) },
    publicKeys: DECISION_KEYS,
    clock: { now: () => NOON + 60_000 },
  })
  return createApiClient({ url: 'http://api', token: null, fetch: await createTestApi({ store, modelPath }) })
}

const common = { id: 'm-v1', url: null, json: false } as const

describe('the path of a version', () => {
  test('is shown as stations, with what is missing for the next', async () => {
    const client = await clientOf()
    const before = await runModelPathCommand({ name: 'models show', ...common }, client)
    expect(before).toContain('m-v1: bm25-cosine, of ada')
    expect(before).toContain('(x) REGISTERED  2026-01-15T12:00:00.000Z by ada: trained')
    expect(before).toContain('( ) EVALUATED   missing: it was not evaluated against what is popular')
    expect(before).toMatch(/\( \) SHADOW$/m)
    await store.addModelEvaluation('m-v1', sampleEvaluation())
    const after = await runModelPathCommand({ name: 'models show', ...common }, client)
    expect(after).toContain('( ) EVALUATED   nothing is missing')
    expect(after).toMatch(
      /Evaluation eeeeeeeeeeee, against what is popular\nmetric .*\nndcg@10 +0\.2300 +0\.2200 to 0\.2400 +-/,
    )
    const json = JSON.parse(await runModelPathCommand({ name: 'models show', ...common, json: true }, client))
    expect(json).toMatchObject({
      id: 'm-v1',
      nextSteps: [{ to: 'EVALUATED', missing: [] }, { to: 'RETIRED' }],
    })
  })

  test('of a refresh shows the recipe, the decision and the figures of its canary', async () => {
    const shipped = sampleShipped('m-v2')
    await saveServing(store, shipped, SAMPLE_ARTEFACT)
    await store.saveModelVersion(sampleRefresh('m-v3', shipped, { stage: 'EXPERIMENT' }), SAMPLE_ARTEFACT)
    await store.addModelEvaluation('m-v3', sampleEvaluation({ championId: 'm-v2' }))
    const client = await clientOf()
    const shown = { name: 'models show', ...common, id: 'm-v3' } as const
    expect(await runModelPathCommand(shown, client)).toContain(
      '( ) PRODUCTION  missing: it has no canary report: no replica has served its lists yet',
    )
    await store.addCanary('m-v3', sampleCanaryPart(200, { championId: 'm-v2' }))
    const after = await runModelPathCommand(shown, client)
    expect(after).toMatch(
      /^Recipe ease \(lambda=458, neighbours=200\), on stored interactions .*, by ease\/1$/m,
    )
    expect(after).toMatch(/^Refresh of m-v2, by the recipe of decision [0-9a-f]{12}: a canary takes/m)
    expect(after).toContain('( ) PRODUCTION  nothing is missing')
    expect(after).toMatch(/^Canary, beside m-v2\nmodel .*\ncanary +200 .*\nproduction +200 /m)
    const promoted = {
      name: 'promote',
      ...common,
      id: 'm-v3',
      to: null,
      reason: 'as good on newer data',
    } as const
    expect(await runModelPathCommand(promoted, client)).toBe('m-v3 is PRODUCTION')
    const json = JSON.parse(await runModelPathCommand({ ...shown, json: true }, client))
    expect(json).toMatchObject({
      recipe: SAMPLE_RECIPE,
      refresh: { of: { id: 'm-v2' }, decisionHash: expect.stringMatching(/^[0-9a-f]{64}$/) },
      canary: { champion: { id: 'm-v2' }, canary: { lists: 200 }, production: { lists: 200 } },
    })
    expect(json.stageHistory.at(-1).evidence).toMatchObject({
      kind: 'CANARY',
      record: { championId: 'm-v2', canary: { lists: 200, failed: 0 } },
    })
  })

  test('is walked step by step, and back', async () => {
    const client = await clientOf()
    const reason = 'it is good'
    const promote = (to: 'PRODUCTION' | null = null) =>
      runModelPathCommand({ name: 'promote', ...common, to, reason }, client)
    await expect(promote()).rejects.toThrow(/^GATE_NOT_PASSED \(to\): .*it was not evaluated/)
    await expect(promote('PRODUCTION')).rejects.toThrow(/^ILLEGAL_STEP \(to\): .*steps to EVALUATED, RETIRED/)
    await store.addModelEvaluation('m-v1', sampleEvaluation())
    expect(await promote()).toBe('m-v1 is EVALUATED')
    expect(await promote('PRODUCTION')).toBe('m-v1 is PRODUCTION')
    await expect(promote()).rejects.toThrow(
      'ILLEGAL_STEP: m-v1 is PRODUCTION, and has no step towards PRODUCTION',
    )
    const shown = await runModelPathCommand({ name: 'models show', ...common }, client)
    expect(shown).toMatch(/\(x\) PRODUCTION {2}2026.* by tester: it is good, on bootstrap [0-9a-f]{12}/)
    const rollback = { name: 'rollback', ...common, reason } as const
    expect(await runModelPathCommand(rollback, client)).toMatch(
      /^m-v1 is rolled back; no model is in production/,
    )
    expect(JSON.parse(await runModelPathCommand({ ...rollback, json: true }, client))).toEqual({
      production: null,
    })
  })

  test('of an unknown version is refused', async () => {
    const client = await clientOf()
    const unknown = { ...common, id: 'm-v9' }
    await expect(runModelPathCommand({ name: 'models show', ...unknown }, client)).rejects.toThrow(
      /^UNKNOWN_MODEL_VERSION: there is no version "m-v9"/,
    )
    await expect(runModelPathCommand({ name: 'rollback', ...unknown, reason: 'x' }, client)).rejects.toThrow(
      /^UNKNOWN_MODEL_VERSION/,
    )
  })
})
