import { MODEL_STAGES, type ModelStage } from '@bulkhead/contracts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { verifiedDecisions } from '../../services/verified-decisions.ts'
import { DECISION_KEYS, sampleBootstrap, sampleShip } from '../../testing/samples/decisions.ts'
import { sampleEvaluation } from '../../testing/samples/evaluations.ts'
import { sampleModelVersion } from '../../testing/samples/models.ts'
import { NOON } from '../../testing/samples/time.ts'
import type { ModelVersion } from '../model-version.ts'
import { DEFAULT_GATES } from './gates.ts'
import { planRollback, versionBefore } from './rollback.ts'
import { legalSteps, planStep, type StageMove, type StepEvidence } from './step.ts'

const REQUEST = { at: NOON + 5, by: 'ada', reason: 'because' }
const SHIP = verifiedDecisions([sampleShip('v1')], DECISION_KEYS)
const BOOTSTRAP = verifiedDecisions([sampleBootstrap('v1')], DECISION_KEYS)
const NOTHING: StepEvidence = {
  production: null,
  evaluation: null,
  shadow: { problems: ['it was not in shadow'], evidence: null },
  decisions: [],
  gates: DEFAULT_GATES,
}

function versionIn(stage: ModelStage, id = 'v1'): ModelVersion {
  return sampleModelVersion(id, { stage, artefactHash: 'a'.repeat(64) })
}

/** The versions after the moves, as a datastore applies them. */
function apply(versions: readonly ModelVersion[], moves: readonly StageMove[]): readonly ModelVersion[] {
  return versions.map((version) => {
    const move = moves.find(({ versionId }) => versionId === version.id)
    if (move === undefined) return version
    expect(version.stage).toBe(move.from)
    return { ...version, stage: move.change.to, stageHistory: [...version.stageHistory, move.change] }
  })
}

describe('a step', () => {
  test('that the path does not have is refused, and says which it has', () => {
    for (const from of MODEL_STAGES) {
      for (const to of MODEL_STAGES) {
        const plan = planStep(
          versionIn(from),
          { ...REQUEST, to },
          { ...NOTHING, decisions: [...SHIP, ...BOOTSTRAP] },
        )
        const legal = legalSteps(from)
        if (legal.includes(to)) expect(plan.type).not.toBe('illegal-step')
        else expect(plan).toEqual({ type: 'illegal-step', from, legal })
      }
    }
    expect(legalSteps('REGISTERED')).not.toContain('PRODUCTION')
    expect(legalSteps('SHADOW')).not.toContain('PRODUCTION')
  })

  test('that lacks something says what', () => {
    const missing = (stage: ModelStage, to: ModelStage, evidence: Partial<StepEvidence> = {}) => {
      const plan = planStep(versionIn(stage), { ...REQUEST, to }, { ...NOTHING, ...evidence })
      return plan.type === 'gate' ? plan.missing : plan.type
    }
    expect(missing('REGISTERED', 'EVALUATED')).toEqual(['it was not evaluated against what is popular'])
    expect(missing('SHADOW', 'EXPERIMENT')).toEqual(['it was not in shadow'])
    expect(missing('EXPERIMENT', 'PRODUCTION')).toEqual([expect.stringMatching(/no signed SHIP decision/)])
    expect(missing('EXPERIMENT', 'PRODUCTION', { decisions: BOOTSTRAP })).toHaveLength(1)
    expect(missing('EVALUATED', 'PRODUCTION', { evaluation: sampleEvaluation(), decisions: SHIP })).toEqual([
      expect.stringMatching(/no signed bootstrap decision/),
    ])
    const evaluation = sampleEvaluation()
    expect(missing('EVALUATED', 'PRODUCTION', { evaluation, decisions: BOOTSTRAP })).toBe('moves')
    const production = versionIn('PRODUCTION', 'v0')
    expect(missing('EVALUATED', 'PRODUCTION', { evaluation, decisions: BOOTSTRAP, production })).toEqual([
      expect.stringMatching(/not the first model/),
    ])
    // Evaluated anew meanwhile, and worse.
    const worse = sampleEvaluation({ latencyP99Ms: 1e6 })
    expect(missing('EVALUATED', 'PRODUCTION', { evaluation: worse, decisions: BOOTSTRAP })).toHaveLength(1)
  })

  test('into PRODUCTION replaces the version that is there, and names its evidence', () => {
    const production = versionIn('PRODUCTION', 'v0')
    const plan = planStep(
      versionIn('EXPERIMENT'),
      { ...REQUEST, to: 'PRODUCTION' },
      { ...NOTHING, production, decisions: SHIP },
    )
    const by = { at: REQUEST.at, by: 'ada' }
    expect(plan).toEqual({
      type: 'moves',
      moves: [
        {
          versionId: 'v0',
          from: 'PRODUCTION',
          change: {
            from: 'PRODUCTION',
            to: 'RETIRED',
            ...by,
            reason: 'v1 entered PRODUCTION',
            successorId: 'v1',
          },
        },
        {
          versionId: 'v1',
          from: 'EXPERIMENT',
          change: {
            ...{ from: 'EXPERIMENT', to: 'PRODUCTION', ...by, reason: 'because' },
            evidence: { kind: 'DECISION', hash: SHIP[0]?.hash },
          },
        },
      ],
    })
  })

  test('whatever is asked for and known, who is in PRODUCTION has walked the path', () => {
    const evidence = fc.record({
      evaluation: fc.constantFrom(null, sampleEvaluation(), sampleEvaluation({ latencyP99Ms: 1e6 })),
      shadow: fc.constantFrom(NOTHING.shadow, {
        problems: [],
        evidence: { kind: 'SHADOW' as const, hash: 's' },
      }),
      decisions: fc.constantFrom([], SHIP, BOOTSTRAP, [...SHIP, ...BOOTSTRAP]),
    })
    const steps = fc.array(fc.tuple(fc.constantFrom(...MODEL_STAGES), evidence), {
      minLength: 4,
      maxLength: 20,
    })
    const reached = new Set<string>()
    fc.assert(
      fc.property(steps, (asked) => {
        let version = versionIn('REGISTERED')
        for (const [to, known] of asked) {
          const plan = planStep(version, { ...REQUEST, to }, { ...NOTHING, ...known })
          if (plan.type === 'moves') version = apply([version], plan.moves)[0] ?? version
        }
        const entered = version.stageHistory.findIndex(({ to }) => to === 'PRODUCTION')
        if (entered < 0) return
        const walked = version.stageHistory
          .slice(0, entered + 1)
          .map(({ to, evidence: shown }) => `${to} ${shown?.kind}`)
        reached.add(walked.slice(1).join(', '))
      }),
      { numRuns: 3_000 },
    )
    expect([...reached].toSorted()).toEqual([
      'EVALUATED EVALUATION, PRODUCTION BOOTSTRAP',
      'EVALUATED EVALUATION, SHADOW undefined, EXPERIMENT SHADOW, PRODUCTION DECISION',
    ])
  })
})

describe('a rollback', () => {
  function inProduction(versions: readonly ModelVersion[]): ModelVersion | undefined {
    return versions.find(({ stage }) => stage === 'PRODUCTION')
  }

  test('brings the version before back, one after the other, and none in the end', () => {
    let versions = ['v0', 'v1', 'v2'].map((id) => versionIn('EXPERIMENT', id))
    for (const id of ['v0', 'v1', 'v2']) {
      const version = versions.find((one) => one.id === id)
      if (version === undefined) throw new Error(id)
      const plan = planStep(
        version,
        { ...REQUEST, to: 'PRODUCTION' },
        {
          ...NOTHING,
          production: inProduction(versions) ?? null,
          decisions: verifiedDecisions([sampleShip(id)], DECISION_KEYS),
        },
      )
      if (plan.type !== 'moves') throw new Error(JSON.stringify(plan))
      versions = [...apply(versions, plan.moves)]
    }
    const served: (string | undefined)[] = [inProduction(versions)?.id]
    for (let current = inProduction(versions); current !== undefined; current = inProduction(versions)) {
      const before = versionBefore(current, versions)
      versions = [...apply(versions, planRollback(current, before, REQUEST))]
      served.push(inProduction(versions)?.id)
    }
    expect(served).toEqual(['v2', 'v1', 'v0', undefined])
    const [last] = versions
    expect(last?.stageHistory.at(-1)).toMatchObject({
      to: 'RETIRED',
      evidence: { kind: 'ROLLBACK' },
      reason: 'because',
    })
  })

  test('never brings back a version that was rolled back itself, nor one that something else has replaced', () => {
    const change = { from: 'PRODUCTION', to: 'RETIRED', at: NOON, by: 'ada', reason: 'x' } as const
    const retired = (id: string, more: object) => ({
      ...versionIn('RETIRED', id),
      stageHistory: [{ ...change, ...more }],
    })
    const others = [
      retired('rolled-back', { evidence: { kind: 'ROLLBACK', hash: null } }),
      retired('older', { successorId: 'between' }),
      { ...retired('serving-again', { successorId: 'v1' }), stage: 'PRODUCTION' as const },
    ]
    expect(versionBefore({ id: 'v1' }, others)).toBeNull()
    const ofEarlierRelease = retired('earlier', { reason: 'v1 entered PRODUCTION' })
    expect(versionBefore({ id: 'v1' }, [...others, ofEarlierRelease])).toBe(ofEarlierRelease)
    const before = retired('before', { successorId: 'v1' })
    expect(versionBefore({ id: 'v1' }, [...others, before])).toBe(before)
  })
})
