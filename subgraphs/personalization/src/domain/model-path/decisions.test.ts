import { generateKeyPairSync } from 'node:crypto'
import type { JsonObject } from '@bulkhead/contracts'
import { describe, expect, test } from 'vitest'
import { verifiedDecisions } from '../../services/verified-decisions.ts'
import { DECISION_KEYS, sampleBootstrap, sampleShip } from '../../testing/samples/decisions.ts'
import { SAMPLE_ARTEFACT_HASH, SAMPLE_RECIPE, sampleModelVersion } from '../../testing/samples/models.ts'
import { NOON } from '../../testing/samples/time.ts'
import { bindsOwnRecipe, decisionFor } from './decisions.ts'
import { DEFAULT_GATES } from './gates.ts'

const VERSION = sampleModelVersion('v1', { stage: 'EXPERIMENT', artefactHash: SAMPLE_ARTEFACT_HASH })
const NOW = { now: NOON + 1, gates: DEFAULT_GATES }

function found(
  raw: readonly JsonObject[],
  kind: 'DECISION' | 'BOOTSTRAP' = 'DECISION',
  version = VERSION,
  now = NOW,
) {
  const decision = decisionFor(kind, version, verifiedDecisions(raw, DECISION_KEYS), now)
  return decision.kind === 'none' ? decision.problem : decision.hash
}

describe('the decision that lets a version into PRODUCTION', () => {
  test('is signed, of its kind, and for exactly its artefact', () => {
    expect(found([sampleShip('v1')])).toMatch(/^[0-9a-f]{64}$/)
    expect(found([sampleBootstrap('v1')], 'BOOTSTRAP')).toMatch(/^[0-9a-f]{64}$/)
    expect(found([sampleShip('v2'), sampleShip('v1')])).toMatch(/^[0-9a-f]{64}$/)
    for (const raw of [
      [],
      [sampleShip('v2')],
      [sampleBootstrap('v1')],
      [sampleShip('v1', { outcome: 'ROLLBACK' })],
      [sampleShip('v1', { outcome: 'ITERATE' })],
      [{ ...sampleShip('v1'), rationale: 'forged' }],
      [{ ...sampleShip('v2'), modelVersionId: 'v1' }],
      [sampleShip('v1', {}, { keyId: 'k1', privateKey: generateKeyPairSync('ed25519').privateKey })],
      [sampleShip('v1', {}, { keyId: 'other', privateKey: generateKeyPairSync('ed25519').privateKey })],
    ]) {
      expect(found(raw)).toMatch(/^no signed SHIP decision about v1 is in/)
    }
    expect(found([sampleShip('v1')], 'BOOTSTRAP')).toMatch(/^no signed bootstrap decision about v1/)
    expect(found([sampleShip('v1', { artefactHash: 'b'.repeat(64) })])).toMatch(/speaks of the artefact bbb/)
    expect(found([sampleShip('v1', { artefactHash: null })])).toMatch(
      /speaks of an artefact whose hash it does not say/,
    )
  })

  test('lets its artefact in whatever recipe it names, and binds only the one by which that was trained', () => {
    const ship = sampleShip('v1', { recipe: SAMPLE_RECIPE })
    const own = { ...VERSION, recipe: SAMPLE_RECIPE }
    const other = { ...VERSION, recipe: { ...SAMPLE_RECIPE, codeVersion: 'ease/9' } }
    for (const version of [own, other, VERSION]) {
      expect(found([ship], 'DECISION', version)).toMatch(/^[0-9a-f]{64}$/)
    }
    expect([own, other, VERSION].map((version) => bindsOwnRecipe(ship, version))).toEqual([
      true,
      false,
      false,
    ])
    expect(bindsOwnRecipe(sampleShip('v1'), own)).toBe(false)
  })

  test('is not too old', () => {
    const at = (ms: number) => found([sampleShip('v1')], 'DECISION', VERSION, { ...NOW, now: NOON + ms })
    expect(at(DEFAULT_GATES.decisionMaxAgeMs)).toMatch(/^[0-9a-f]{64}$/)
    expect(at(DEFAULT_GATES.decisionMaxAgeMs + 1)).toMatch(/too long ago/)
  })

  test('counts once: who was rolled back needs another one', () => {
    const hash = found([sampleShip('v1')])
    const change = {
      from: 'EXPERIMENT',
      to: 'PRODUCTION',
      at: NOON,
      by: 'ada',
      reason: 'it is better',
    } as const
    const used = { ...VERSION, stageHistory: [{ ...change, evidence: { kind: 'DECISION', hash } as const }] }
    expect(found([sampleShip('v1')], 'DECISION', used)).toMatch(/was used before/)
    const again = sampleShip('v1', { rationale: 'it is better still', experimentVersion: 2 })
    expect(found([sampleShip('v1'), again], 'DECISION', used)).toMatch(/^[0-9a-f]{64}$/)
  })

  test('of a first model rests on the evaluation by which it is EVALUATED, where it names one', () => {
    const evidence = { kind: 'EVALUATION', hash: 'e'.repeat(64) } as const
    const change = {
      from: 'REGISTERED',
      to: 'EVALUATED',
      at: NOON,
      by: 'ada',
      reason: 'x',
      evidence,
    } as const
    const version = { ...VERSION, stageHistory: [change] }
    const named = (evaluationHash: string) =>
      found([sampleBootstrap('v1', { evaluationHash })], 'BOOTSTRAP', version)
    expect(named('e'.repeat(64))).toMatch(/^[0-9a-f]{64}$/)
    expect(named('f'.repeat(64))).toMatch(/rests on another evaluation/)
  })
})
