import { DECISION_MAX_AGE_MS, MODEL_STAGES } from '@bulkhead/contracts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sampleBootstrap } from '../../testing/sample-decisions.ts'
import { NOON } from '../../testing/samples.ts'
import {
  type Bootstrap,
  type BootstrapFacts,
  type BootstrapResult,
  MAX_BOOTSTRAPS,
  recordBootstrap,
  reviewBootstrap,
  type SignBootstrap,
} from './bootstrap.ts'

const HASH = 'ab'.repeat(32)
const sign: SignBootstrap = (record) => ({ ...record, keyId: 'k1', signature: 'AA' })

function facts(by: string, overrides: Partial<BootstrapFacts> = {}): BootstrapFacts {
  return {
    at: NOON,
    by,
    version: { stage: 'EVALUATED', artefactHash: HASH },
    standingShip: null,
    ...overrides,
  }
}

function record(overrides: Partial<BootstrapFacts> = {}, before: Bootstrap | null = null, existing = 0) {
  const draft = { modelVersionId: 'ease-v1', rationale: 'It beats what is popular.' }
  return recordBootstrap(before, draft, facts('ana', overrides), existing)
}

function review(
  before: Bootstrap | null,
  by: string,
  change: { approved?: boolean; revision?: number; quorum?: number } & Partial<BootstrapFacts> = {},
) {
  const { approved = true, revision = before?.revision ?? 1, quorum = 1, ...overrides } = change
  return reviewBootstrap(
    before,
    { modelVersionId: 'ease-v1', revision, approved, comment: 'c' },
    facts(by, overrides),
    { quorum, sign },
  )
}

function changed(result: ReturnType<typeof record>): Bootstrap {
  if (result.type === 'refused') throw new Error(result.refusal.type)
  return result.bootstrap
}

describe('recording', () => {
  test('speaks of the artefact that the version has, and signs nothing', () => {
    expect(changed(record())).toEqual(sampleBootstrap())
  })

  test('is refused for a version in any stage but EVALUATED, and for one that nobody knows', () => {
    for (const stage of MODEL_STAGES) {
      const result = record({ version: { stage, artefactHash: HASH } })
      if (stage === 'EVALUATED') expect(result.type).toBe('changed')
      else expect(result).toMatchObject({ refusal: { type: 'model-not-evaluated', stage } })
    }
    expect(record({ version: null })).toMatchObject({ refusal: { type: 'model-not-evaluated', stage: null } })
  })

  test('is refused once a model was shipped, once it is signed, and beyond the limit', () => {
    expect(record({ standingShip: 'mix' })).toMatchObject({
      refusal: { type: 'model-shipped', experimentKey: 'mix' },
    })
    const signed = changed(review(sampleBootstrap(), 'ben'))
    expect(record({}, signed)).toMatchObject({ refusal: { type: 'bootstrap-final' } })
    const { decidedAt } = signed
    expect(record({ at: decidedAt + DECISION_MAX_AGE_MS }, signed).type).toBe('refused')
    expect(record({}, null, MAX_BOOTSTRAPS)).toMatchObject({ refusal: { type: 'too-many-bootstraps' } })
    expect(record({}, sampleBootstrap(), MAX_BOOTSTRAPS).type).toBe('changed')
  })

  test('replaces a signed one that personalization accepts no more, because it is too old', () => {
    const signed = changed(review(sampleBootstrap(), 'ben'))
    const late = { at: signed.decidedAt + DECISION_MAX_AGE_MS + 1 }
    const again = changed(record(late, signed))
    expect(again).toMatchObject({ status: 'IN_REVIEW', revision: 3, decidedAt: late.at, signed: null })
    expect(changed(review(again, 'ben', late)).signed?.decidedAt).toBe(new Date(late.at).toISOString())
  })

  test.each([
    [{ modelVersionId: '' }, 'modelVersionId'],
    [{ rationale: ' ' }, 'rationale'],
    [{ evaluationHash: 'ABCD' }, 'evaluationHash'],
  ])('%j is refused', (input, field) => {
    const draft = { modelVersionId: 'ease-v1', rationale: 'r', ...input }
    expect(recordBootstrap(null, draft, facts('ana'), 0)).toMatchObject({
      refusal: { type: 'invalid-input', problems: [{ path: [field] }] },
    })
  })

  test('again, it replaces what is not signed, and approvals of before do not count', () => {
    const half = changed(review(sampleBootstrap(), 'ben', { quorum: 2 }))
    const again = changed(record({}, half))
    expect(again).toMatchObject({ revision: 3, status: 'IN_REVIEW', submission: 3, reviews: [{ by: 'ben' }] })
    const one = changed(review(again, 'eve', { quorum: 2 }))
    expect(one.signed).toBeNull()
    expect(changed(review(one, 'ben', { quorum: 2 })).signed?.reviewedBy).toEqual(['eve', 'ben'])
  })
})

describe('reviewing', () => {
  test('is nobody’s own, needs one approval even where none is asked for, and signs what was recorded', () => {
    for (const quorum of [0, 1]) {
      expect(review(sampleBootstrap(), 'ana', { quorum })).toMatchObject({
        refusal: { type: 'bootstrap-own-work' },
      })
      const signed = changed(review(sampleBootstrap(), 'ben', { quorum }))
      expect(signed).toMatchObject({
        status: 'APPROVED',
        revision: 2,
        signed: { kind: 'bootstrap', artefactHash: HASH, decidedBy: 'ana', reviewedBy: ['ben'] },
      })
    }
  })

  test('is refused where there is nothing, at another revision, twice, after a rejection, and once it is signed', () => {
    expect(review(null, 'ben')).toMatchObject({ refusal: { type: 'bootstrap-not-found' } })
    expect(review(sampleBootstrap(), 'ben', { revision: 2 })).toMatchObject({
      refusal: { type: 'bootstrap-revision-conflict', sent: 2, current: 1 },
    })
    const half = changed(review(sampleBootstrap(), 'ben', { quorum: 2 }))
    expect(review(half, 'ben', { quorum: 2 })).toMatchObject({ refusal: { type: 'already-approved' } })
    const rejected = changed(review(half, 'ben', { approved: false }))
    expect(rejected).toMatchObject({ status: 'REJECTED', signed: null })
    expect(review(rejected, 'eve')).toMatchObject({ refusal: { type: 'bootstrap-not-in-review' } })
    const signed = changed(review(sampleBootstrap(), 'ben'))
    expect(review(signed, 'eve')).toMatchObject({ refusal: { type: 'bootstrap-final' } })
  })

  test('approves nothing once the version has moved on, has another artefact, or a model was shipped', () => {
    const moved = { version: { stage: 'RETIRED', artefactHash: HASH } } as const
    const other = { version: { stage: 'EVALUATED', artefactHash: 'cd'.repeat(32) } } as const
    expect(review(sampleBootstrap(), 'ben', moved)).toMatchObject({
      refusal: { type: 'model-not-evaluated', stage: 'RETIRED' },
    })
    expect(review(sampleBootstrap(), 'ben', other)).toMatchObject({ refusal: { type: 'artefact-changed' } })
    expect(review(sampleBootstrap(), 'ben', { standingShip: 'mix' })).toMatchObject({
      refusal: { type: 'model-shipped' },
    })
    expect(review(sampleBootstrap(), 'ben', { ...moved, approved: false })).toMatchObject({
      bootstrap: { status: 'REJECTED' },
    })
  })
})

test('whoever does what in whatever order, what is signed was approved by enough others, and never changes', () => {
  const person = fc.constantFrom('ana', 'ben', 'eve')
  const step = fc.record({ by: person, kind: fc.constantFrom('record', 'approve', 'reject') })
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 }), fc.array(step, { maxLength: 12 }), (quorum, steps) => {
      let state: Bootstrap | null = null
      let recordedBy = ''
      for (const { by, kind } of steps) {
        const before: Bootstrap | null = state
        const result: BootstrapResult =
          kind === 'record'
            ? record({ by }, before)
            : review(before, by, { approved: kind === 'approve', quorum })
        if (before?.signed != null) expect(result.type).toBe('refused')
        if (result.type === 'refused') continue
        const after: Bootstrap = result.bootstrap
        state = after
        expect(after.revision).toBe((before?.revision ?? 0) + 1)
        if (kind === 'record') recordedBy = by
        const { signed } = after
        if (signed === null) continue
        expect(signed.decidedBy).toBe(recordedBy)
        expect(signed.reviewedBy).not.toContain(recordedBy)
        expect(new Set(signed.reviewedBy).size).toBeGreaterThanOrEqual(Math.max(1, quorum))
      }
    }),
  )
})
