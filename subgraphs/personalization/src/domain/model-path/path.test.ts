import { MODEL_STAGES, type ModelStage } from '@bulkhead/contracts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { verifiedDecisions } from '../../services/verified-decisions.ts'
import { sampleArm, sampleCanaryPart } from '../../testing/samples/canary.ts'
import { DECISION_KEYS, sampleBootstrap, sampleShip } from '../../testing/samples/decisions.ts'
import { sampleEvaluation } from '../../testing/samples/evaluations.ts'
import { SAMPLE_ARTEFACT_HASH, SAMPLE_RECIPE, sampleModelVersion } from '../../testing/samples/models.ts'
import { sampleRefresh, sampleShipped } from '../../testing/samples/refreshes.ts'
import { NOON } from '../../testing/samples/time.ts'
import { canaryReportOf } from '../canary/canary-report.ts'
import type { ModelVersion, StageChange } from '../model-version.ts'
import { DEFAULT_GATES } from './gates.ts'
import { canaryIn, type RefreshEvidence } from './refresh.ts'
import { planRollback, versionBefore } from './rollback.ts'
import type { StageMove } from './stage-move.ts'
import { legalSteps, planStep, type StepEvidence } from './step.ts'

const REQUEST = { at: NOON + 5, by: 'ada', reason: 'because' }
const SHIP = verifiedDecisions([sampleShip('v1')], DECISION_KEYS)
const BOOTSTRAP = verifiedDecisions([sampleBootstrap('v1')], DECISION_KEYS)
const NOTHING: StepEvidence = {
  production: null,
  evaluation: null,
  shadow: { problems: ['it was not in shadow'], evidence: null },
  decisions: [],
  refresh: null,
  gates: DEFAULT_GATES,
}

const ROLLED_BACK: StageChange = {
  ...{ from: 'PRODUCTION', to: 'RETIRED', at: NOON + 1, by: 'ada', reason: 'complaints' },
  evidence: { kind: 'ROLLBACK', hash: null },
}

function versionIn(stage: ModelStage, id = 'v1'): ModelVersion {
  return sampleModelVersion(id, { stage, artefactHash: SAMPLE_ARTEFACT_HASH })
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

describe('a refresh', () => {
  const shipped = sampleShipped('v1')
  const decision = verifiedDecisions([sampleShip('v1', { recipe: SAMPLE_RECIPE })], DECISION_KEYS)[0] ?? null
  const good = canaryReportOf([sampleCanaryPart(200, { championId: 'v1' }).counts], 'v1')
  const failing = { championId: 'v1', canary: sampleArm(200, { failed: true, itemIds: [] }) }
  const bad = canaryReportOf([sampleCanaryPart(200, failing).counts], 'v1')
  const REFRESHED: RefreshEvidence = {
    shipped,
    decision,
    takenOut: null,
    canary: { report: good, hash: 'c', text: '{}' },
    otherCanary: null,
  }
  const SHADOWED = { problems: [], evidence: { kind: 'SHADOW' as const, hash: 's' } }

  /** What is missing, or the kind of evidence that it is let in by. */
  function outcome(
    stage: ModelStage,
    to: ModelStage,
    known: Partial<StepEvidence>,
    of = sampleRefresh('v2', shipped),
  ) {
    const plan = planStep(
      { ...of, stage },
      { ...REQUEST, to },
      {
        ...NOTHING,
        production: shipped,
        evaluation: sampleEvaluation({ championId: (known.production ?? shipped).id }),
        shadow: SHADOWED,
        refresh: REFRESHED,
        ...known,
      },
    )
    if (plan.type !== 'moves') return plan.type === 'gate' ? plan.missing : plan.type
    return plan.moves.at(-1)?.change.evidence?.kind
  }
  const intoCanary = (refresh: Partial<RefreshEvidence>, known: Partial<StepEvidence> = {}) =>
    outcome('SHADOW', 'EXPERIMENT', { refresh: { ...REFRESHED, ...refresh }, ...known })
  const outOfCanary = (refresh: Partial<RefreshEvidence>, known: Partial<StepEvidence> = {}) =>
    outcome('EXPERIMENT', 'PRODUCTION', { refresh: { ...REFRESHED, ...refresh }, ...known })

  test('has a canary in place of an experiment, and enters PRODUCTION with its figures', () => {
    expect(intoCanary({})).toBe('SHADOW')
    expect(outOfCanary({})).toBe('CANARY')
  })

  test('needs all that others need, and a canary that went well', () => {
    expect(intoCanary({}, { shadow: NOTHING.shadow })).toEqual(['it was not in shadow'])
    expect(intoCanary({ otherCanary: 'v9' })).toEqual(['v9 is in its canary: one at a time'])
    expect(outOfCanary({ canary: { report: null, hash: null, text: '' } })).toEqual([
      expect.stringMatching(/no canary report/),
    ])
    expect(outOfCanary({ canary: { report: bad, hash: 'c', text: '{}' } })).toEqual([
      expect.stringMatching(/100\.0 % of its canary's lists failed/),
      expect.stringMatching(/0 different items/),
    ])
  })

  test.each<[string, Partial<RefreshEvidence>, Partial<StepEvidence>, RegExp]>([
    ['whose evidence is not there', { shipped: null }, {}, /not known/],
    ['of another version', { shipped: sampleShipped('v7') }, {}, /not known/],
    ['without a signed decision', { decision: null }, {}, /v1 has no signed SHIP decision/],
    [
      'with another decision than it was trained under',
      {
        decision:
          verifiedDecisions(
            [sampleShip('v1', { rationale: 'x', recipe: SAMPLE_RECIPE })],
            DECISION_KEYS,
          )[0] ?? null,
      },
      {},
      /v1 has no signed SHIP decision/,
    ],
    [
      'of a version that was rolled back',
      { shipped: { ...shipped, stage: 'RETIRED', stageHistory: [...shipped.stageHistory, ROLLED_BACK] } },
      {},
      /was taken out of service, which has revoked/,
    ],
    [
      'of a line that had to be rolled back',
      { takenOut: 'v9' },
      {},
      /v9 was taken .* revoked the recipe of v1/,
    ],
    ['beside another line', {}, { production: versionIn('PRODUCTION', 'v8') }, /v8 serves, and its recipe's/],
    ['beside nothing', {}, { production: null }, /no version serves, and its recipe's/],
  ])('%s goes nowhere', (_, refresh, known, message) => {
    expect(intoCanary(refresh, known)).toEqual([expect.stringMatching(message)])
    expect(outOfCanary(refresh, known)).toEqual([expect.stringMatching(message)])
  })

  test('by another recipe, or by one that the decision does not bind, goes nowhere', () => {
    const parameters = { ...SAMPLE_RECIPE.parameters, lambda: 1 }
    const other = sampleRefresh('v2', shipped, { recipe: { ...SAMPLE_RECIPE, parameters } })
    expect(outcome('SHADOW', 'EXPERIMENT', {}, other)).toEqual([
      'the parameter lambda is 1, and the recipe has 458',
    ])
    const unbound = sampleShip('v1')
    const one = sampleShipped('v1', {}, unbound)
    const [signed = null] = verifiedDecisions([unbound], DECISION_KEYS)
    const refresh = { ...REFRESHED, shipped: one, decision: signed }
    expect(outcome('SHADOW', 'EXPERIMENT', { refresh }, sampleRefresh('v2', one))).toEqual([
      expect.stringMatching(/binds no recipe/),
    ])
  })

  test('of a refresh is of the same line', () => {
    const production = sampleRefresh('v2', shipped, { stage: 'PRODUCTION' })
    const report = canaryReportOf([sampleCanaryPart(200, { championId: 'v2' }).counts], 'v2')
    const known = { production, refresh: { ...REFRESHED, canary: { report, hash: 'c', text: '{}' } } }
    expect(outcome('EXPERIMENT', 'PRODUCTION', known, sampleRefresh('v3', shipped))).toBe('CANARY')
    expect(outcome('EXPERIMENT', 'PRODUCTION', { production }, sampleRefresh('v3', shipped))).toEqual([
      'its canary was beside v1, and v2 serves now',
    ])
  })

  test('never enters PRODUCTION by a decision of its own, nor as the first model', () => {
    const decisions = verifiedDecisions([sampleShip('v2'), sampleBootstrap('v2')], DECISION_KEYS)
    const canary = { report: null, hash: null, text: '' }
    expect(outOfCanary({ canary }, { decisions })).toEqual([expect.stringMatching(/no canary report/)])
    const first = { decisions, production: null, evaluation: sampleEvaluation() }
    expect(outcome('EVALUATED', 'PRODUCTION', first)).toEqual(['it is a refresh: it goes on to SHADOW'])
  })

  test('is the first in its canary until it is out of it', () => {
    const inCanary = (id: string, at: number) =>
      sampleRefresh(id, shipped, {
        stage: 'EXPERIMENT',
        stageHistory: [{ from: 'SHADOW', to: 'EXPERIMENT', at, by: 'ada', reason: 'x' }],
      })
    const versions = [inCanary('v4', NOON + 2), inCanary('v3', NOON + 1), versionIn('EXPERIMENT', 'v2')]
    expect(canaryIn(versions, shipped)?.id).toBe('v3')
    expect(canaryIn(versions, sampleRefresh('v5', shipped))?.id).toBe('v3')
    expect(canaryIn(versions, { id: 'v8' })).toBeNull()
    expect(canaryIn([sampleRefresh('v6', shipped)], shipped)).toBeNull()
  })

  test('whatever is asked for and known, one in PRODUCTION has walked the path of refreshes', () => {
    const evidence = fc.record({
      production: fc.constantFrom(null, shipped, versionIn('PRODUCTION', 'v8')),
      evaluation: fc.constantFrom(null, sampleEvaluation({ championId: 'v1' }), sampleEvaluation()),
      shadow: fc.constantFrom(NOTHING.shadow, SHADOWED),
      decisions: fc.constantFrom(
        [],
        SHIP,
        verifiedDecisions([sampleShip('v2'), sampleBootstrap('v2')], DECISION_KEYS),
      ),
      refresh: fc.constantFrom(
        null,
        REFRESHED,
        { ...REFRESHED, decision: null },
        { ...REFRESHED, otherCanary: 'v9' },
        { ...REFRESHED, canary: { report: bad, hash: 'c', text: '{}' } },
      ),
    })
    // The next stage is asked for most of the time: else hardly any version would get to the end.
    const wish = fc.oneof({ weight: 4, arbitrary: fc.constant('next') }, fc.constantFrom(...MODEL_STAGES))
    const steps = fc.array(fc.tuple(wish, evidence), { minLength: 4, maxLength: 20 })
    const reached = new Set<string>()
    fc.assert(
      fc.property(steps, (asked) => {
        let version = sampleRefresh('v2', shipped)
        for (const [wished, known] of asked) {
          const next = MODEL_STAGES[MODEL_STAGES.indexOf(version.stage) + 1] ?? 'RETIRED'
          const to = wished === 'next' ? next : wished
          const plan = planStep(version, { ...REQUEST, to }, { ...NOTHING, ...known })
          if (plan.type !== 'moves') continue
          // Whoever enters its canary or PRODUCTION does so beside the line that it refreshes, under a signed decision.
          if (to === 'EXPERIMENT' || to === 'PRODUCTION') {
            expect([known.production, known.refresh?.decision]).toEqual([shipped, decision])
          }
          version = apply([version], plan.moves.slice(-1))[0] ?? version
        }
        const entered = version.stageHistory.findIndex(({ to }) => to === 'PRODUCTION')
        if (entered < 0) return
        const walked = version.stageHistory.slice(1, entered + 1)
        reached.add(walked.map(({ to, evidence: shown }) => `${to} ${shown?.kind}`).join(', '))
      }),
      { numRuns: 5_000 },
    )
    expect([...reached]).toEqual([
      'EVALUATED EVALUATION, SHADOW undefined, EXPERIMENT SHADOW, PRODUCTION CANARY',
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
