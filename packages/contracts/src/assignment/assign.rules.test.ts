import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import vectors from '../../vectors/assign.json' with { type: 'json' }
import { fnv1a32, hashV2 } from '../hash.ts'
import {
  experimentArbitrary,
  holdoutArbitrary,
  shareArbitrary,
  unitArbitrary,
  variantKey,
} from '../testing/snapshot-arbitrary.ts'
import { type Assignment, type AssignmentInputs, assign } from './assign.ts'
import {
  type AssignmentSnapshot,
  assignmentSnapshotSchema,
  type SnapshotExperiment,
  snapshotExperimentSchema,
} from './assignment-snapshot.ts'
import type { EvaluableSnapshot } from './evaluation-plan.ts'
import { layerRangeProblem, layerSeed } from './layer.ts'
import { MAX_PREREQUISITE_CHAIN, unresolvablePrerequisites } from './prerequisites.ts'

function experiment(members: Partial<SnapshotExperiment>): SnapshotExperiment {
  return snapshotExperimentSchema.parse({ ...vectors.base, ...members })
}

function assignTo(snapshot: EvaluableSnapshot, unit: string, inputs?: AssignmentInputs): Assignment[] {
  return assign(snapshot, { userId: unit }, {}, undefined, inputs)
}

/** The vectors of the first release. */
const CASES_BEFORE_THE_NEW_MEMBERS = 32

const running = experimentArbitrary.map((one) => ({ ...one, status: 'RUNNING' }))

describe('layers', () => {
  test('of version 2 are independent, also where their names are alike; of version 1 they are not', () => {
    const secondHalfGivenFirst = (hashVersion: number): number => {
      const snapshot = {
        experiments: [
          experiment({ key: 'one', layer: { key: 'main-1', from: 0.5, to: 1, hashVersion } }),
          experiment({ key: 'nine', layer: { key: 'main-9', from: 0.5, to: 1, hashVersion } }),
        ],
      }
      let first = 0
      let both = 0
      for (let index = 0; index < 100_000; index++) {
        const [one, nine] = assignTo(snapshot, `u${index}`)
        if (one?.included !== true) continue
        first++
        if (nine?.included === true) both++
      }
      return both / first
    }
    // Four standard errors of a share of 50,000 are 0.009.
    expect(Math.abs(secondHalfGivenFirst(2) - 0.5)).toBeLessThan(0.009)
    expect(secondHalfGivenFirst(1)).toBeGreaterThan(0.8)
  })

  test("a layer's positions are not those of an experiment's buckets", () => {
    expect(layerSeed('main')).toBe('__main')
    const snapshot = {
      experiments: [experiment({ seed: 'x:v1', layer: { key: 'x', from: 0, to: 0.5, hashVersion: 2 } })],
    }
    let control = 0
    let all = 0
    for (let index = 0; index < 20_000; index++) {
      const [one] = assignTo(snapshot, `u${index}`)
      if (one?.variant === null) continue
      all++
      if (one?.variant.key === 'control') control++
    }
    expect(Math.abs(all / 20_000 - 0.5)).toBeLessThan(0.015)
    expect(Math.abs(control / all - 0.5)).toBeLessThan(0.02)
  })

  test.each<[string, number | undefined, number, number, string | null]>([
    ['thousandths of a namespace', undefined, 0.001, 0.999, null],
    [
      'ten-thousandths of a namespace',
      undefined,
      0,
      0.9999,
      'is finer than thousandths, the steps of hash version 1',
    ],
    ['ten-thousandths of a layer', 2, 0.0001, 0.9999, null],
    ['a hundred-thousandth', 2, 0.00001, 1, 'is finer than ten-thousandths, the steps of hash version 2'],
    ['a rounding error', 2, 0.1 + 0.2, 1, 'is finer than ten-thousandths, the steps of hash version 2'],
    ['an unknown version', 3, 0, 1, 'has an unknown hash version'],
    ['an empty range', 2, 0.5, 0.5, 'is not a range within 0 and 1'],
    ['more than the whole', 2, 0, 1.5, 'is not a range within 0 and 1'],
  ])('a range of %s', (_, hashVersion, from, to, problem) => {
    const range = { key: 'main', from, to }
    expect(layerRangeProblem(hashVersion === undefined ? range : { ...range, hashVersion })).toBe(problem)
  })

  test('every border on the grid separates what meets there', () => {
    for (let step = 1; step < 10_000; step++) {
      expect(layerRangeProblem({ key: 'main', from: 0, to: step / 10_000, hashVersion: 2 })).toBeNull()
    }
  })
})

describe('holdouts', () => {
  test('take their units out of what they cover, and move nobody else', () => {
    fc.assert(
      fc.property(
        fc.array(running),
        fc.array(holdoutArbitrary, { maxLength: 3 }),
        unitArbitrary,
        (experiments, holdouts, unit) => {
          const without = assignTo({ experiments }, unit)
          const within = assignTo({ experiments, holdouts }, unit)
          for (const [index, before] of without.entries()) {
            const { layer } = before.experiment
            const held = holdouts.some(
              ({ seed, share, layers }) =>
                hashV2(seed, unit) < share &&
                (layers.length === 0 || (layer !== null && layers.includes(layer.key))),
            )
            const isHeld = held && before.reason !== 'FORCED' && before.reason !== 'UNSUPPORTED'
            expect(within[index]).toEqual(
              isHeld ? { ...before, included: false, variant: null, reason: 'HOLDOUT' } : before,
            )
          }
        },
      ),
    )
  })

  test('a larger share only holds more', () => {
    fc.assert(
      fc.property(holdoutArbitrary, shareArbitrary, shareArbitrary, unitArbitrary, (holdout, a, b, unit) => {
        const heldAt = (share: number): boolean =>
          assignTo({ experiments: [experiment({})], holdouts: [{ ...holdout, layers: [], share }] }, unit)[0]
            ?.reason === 'HOLDOUT'
        if (heldAt(Math.min(a, b))) expect(heldAt(Math.max(a, b))).toBe(true)
      }),
    )
  })

  test('one that cannot be read leaves no experiment, and never throws', () => {
    for (const holdout of [
      {},
      { key: 'h' },
      { key: 'h', seed: '', share: 0, unitType: 'userId', layers: [] },
    ]) {
      expect(assignTo({ experiments: [experiment({})], holdouts: [holdout] }, 'a')[0]?.reason).toBe(
        'UNSUPPORTED',
      )
    }
  })
})

describe('prerequisites', () => {
  /** e0 needs e1, which needs e2, and so on. */
  function chain(length: number): SnapshotExperiment[] {
    return Array.from({ length }, (_, index) =>
      experiment({
        key: `e${index}`,
        ...(index + 1 < length && { prerequisites: [{ experimentKey: `e${index + 1}` }] }),
      }),
    )
  }

  test('are followed through a chain, up to a length', () => {
    const reasons = (length: number) =>
      assignTo({ experiments: chain(length) }, 'a').map(({ reason }) => reason)
    expect(new Set(reasons(MAX_PREREQUISITE_CHAIN + 1))).toEqual(new Set(['BUCKETED']))
    expect(reasons(MAX_PREREQUISITE_CHAIN + 2)).toEqual([
      'UNSUPPORTED',
      ...new Array(MAX_PREREQUISITE_CHAIN + 1).fill('BUCKETED'),
    ])
    expect(assignTo({ experiments: chain(20_000) }, 'a')).toHaveLength(20_000)
  })

  test('that are missing or go in a circle make unsupported whoever needs them, and nobody else', () => {
    const needs = (key: string, ...keys: string[]) =>
      experiment({ key, prerequisites: keys.map((experimentKey) => ({ experimentKey })) })
    const experiments = [
      experiment({ key: 'free' }),
      needs('circle-1', 'circle-2'),
      needs('circle-2', 'free', 'circle-1'),
      needs('behind', 'circle-1'),
      needs('missing', 'free', 'gone'),
      needs('fine', 'free', 'free'),
      needs('finer', 'fine', 'free'),
    ]
    const unresolvable = [...unresolvablePrerequisites(experiments)].map(({ key }) => key)
    expect(unresolvable).toEqual(['circle-1', 'circle-2', 'behind', 'missing'])
    const unsupported = assignTo({ experiments }, 'a').filter(({ reason }) => reason === 'UNSUPPORTED')
    expect(unsupported.map(({ experiment: { key } }) => key)).toEqual(unresolvable)
  })

  test('are decided once for a unit, however many ways lead to them', () => {
    const layers = Array.from({ length: MAX_PREREQUISITE_CHAIN }, (_, level) =>
      Array.from({ length: 20 }, (_, index) =>
        experiment({
          key: `e${level}-${index}`,
          prerequisites:
            level === 0
              ? []
              : Array.from({ length: 20 }, (_, other) => ({ experimentKey: `e${level - 1}-${other}` })),
        }),
      ),
    )
    // Without that, 20^15 decisions.
    const assignments = assignTo({ experiments: layers.flat().reverse() }, 'a')
    expect(assignments.every(({ included }) => included)).toBe(true)
  })

  test('only take units out', () => {
    fc.assert(
      fc.property(running, running, unitArbitrary, (one, needed, unit) => {
        const other = { ...needed, key: `${one.key}x` }
        const alone = assignTo({ experiments: [one] }, unit)[0]
        const needing = { ...one, prerequisites: [{ experimentKey: other.key }] }
        const [dependent, prerequisite] = assignTo({ experiments: [needing, other] }, unit)
        if (prerequisite?.included === true) expect(dependent?.variant).toEqual(alone?.variant)
        else expect(dependent?.reason === 'FORCED' || dependent?.included === false).toBe(true)
      }),
    )
  })

  test('a key that is there twice resolves nothing, and hides neither a circle nor what is missing', () => {
    const needs = (key: string, ...keys: string[]) =>
      experiment({ key, prerequisites: keys.map((experimentKey) => ({ experimentKey })) })
    const experiments = [
      experiment({ key: 'twice' }),
      experiment({ key: 'twice' }),
      needs('circle-1', 'twice', 'circle-2'),
      needs('circle-2', 'twice', 'circle-1'),
      needs('missing', 'twice', 'gone'),
      needs('needs-one', 'twice'),
    ]
    const reasons = assignTo({ experiments }, 'a').map(({ reason }) => reason)
    expect(reasons.slice(0, 2)).toEqual(['BUCKETED', 'BUCKETED'])
    expect(reasons.slice(2)).toEqual(Array(4).fill('UNSUPPORTED'))
  })
})

describe('inputs', () => {
  test('the variant from before is kept through any change but a pause, a holdout and a new version', () => {
    fc.assert(
      fc.property(experimentArbitrary, unitArbitrary, fc.nat(5), (one, unit, index) => {
        const variant = one.variants[index % one.variants.length]
        if (variant === undefined) return
        const changed = { ...one, forced: {}, coverage: 0, condition: { a: { $exists: true } } }
        const previous = [
          { experimentKey: one.key, experimentVersion: one.version, variantKey: variant.key, unit },
        ]
        const [kept] = assignTo({ experiments: [changed] }, unit, { previous })
        expect(kept).toMatchObject(
          one.status === 'PAUSED'
            ? { reason: 'NOT_RUNNING' }
            : { reason: 'BUCKETED', included: true, variant },
        )
        const [renewed] = assignTo({ experiments: [{ ...changed, version: one.version + 1 }] }, unit, {
          previous,
        })
        expect(renewed?.included).toBe(false)
      }),
    )
  })

  test('without them the answer is as if there were none', () => {
    fc.assert(
      fc.property(fc.array(experimentArbitrary), unitArbitrary, (experiments, unit) => {
        const plain = assignTo({ experiments }, unit)
        expect(assignTo({ experiments }, unit, { overrides: [], previous: [] })).toEqual(plain)
        const others = experiments.flatMap(({ key, version }) => ({
          experimentKey: key,
          experimentVersion: version,
          variantKey: variantKey(0),
          unit: `${unit}x`,
        }))
        expect(assignTo({ experiments }, unit, { overrides: others, previous: others })).toEqual(plain)
      }),
    )
  })

  test('an override forces one unit, whatever the rules say, and the kill switch ends it', () => {
    fc.assert(
      fc.property(experimentArbitrary, holdoutArbitrary, unitArbitrary, (one, holdout, unit) => {
        const override = { experimentKey: one.key, variantKey: variantKey(1), unit }
        const snapshot = { experiments: [one], holdouts: [{ ...holdout, layers: [], share: 1 }] }
        const [forced] = assignTo(snapshot, unit, { overrides: [override] })
        expect(forced).toMatchObject(
          one.status === 'PAUSED'
            ? { included: false, reason: 'NOT_RUNNING' }
            : { included: true, reason: 'FORCED', variant: { key: variantKey(1) } },
        )
      }),
    )
  })
})

describe('snapshots', () => {
  test('that were stored before there were new members are read and written as before', () => {
    const { base } = vectors
    const old = vectors.cases.slice(0, CASES_BEFORE_THE_NEW_MEMBERS)
    expect(old.at(-1)?.name).toBe('one unsupported experiment costs only itself')
    for (const { experiments } of old) {
      for (const members of experiments) {
        const stored = JSON.stringify({ ...base, ...members })
        const read = snapshotExperimentSchema.parse(JSON.parse(stored))
        expect(JSON.parse(JSON.stringify(read))).toEqual(JSON.parse(stored))
        expect(Object.keys(read)).not.toContain('prerequisites')
      }
    }
  })

  test('keep groups, holdouts, prerequisites and hash versions of layers', () => {
    const snapshot: AssignmentSnapshot = {
      version: 1,
      publishedAt: '2026-01-01T00:00:00.000Z',
      layers: [{ key: 'main' }],
      holdouts: [{ key: 'h', seed: 'h', share: 0.1, unitType: 'userId', layers: [] }],
      savedGroups: { constructor: ['a', 1] },
      experiments: [
        experiment({
          layer: { key: 'main', from: 0, to: 1, hashVersion: 2 },
          prerequisites: [{ experimentKey: 'other', variantKeys: ['a'] }],
        }),
      ],
      decisions: [],
      keyId: 'k',
      signature: 'AA',
    }
    expect(assignmentSnapshotSchema.parse(JSON.parse(JSON.stringify(snapshot)))).toEqual(snapshot)
  })
})

test('a hash can go on from the hash of the text before', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      expect(fnv1a32(b, fnv1a32(a))).toBe(fnv1a32(a + b))
    }),
  )
})

test('weights may miss 1 by a rounding error, and by nothing that would leave units without a variant', () => {
  const reasonOf = (weight: number) => {
    const variants = [0.5, weight].map((share, index) => ({
      key: variantKey(index),
      weight: share,
      payload: null,
    }))
    return assignTo({ experiments: [experiment({ status: 'RUNNING', coverage: 1, variants })] }, 'u1')[0]
      ?.reason
  }
  for (const weight of [0.5, 0.500_000_9, 0.499_999_1]) expect(reasonOf(weight)).toBe('BUCKETED')
  for (const weight of [0.500_001_1, 0.499_998_9, 0.505, 0.495]) expect(reasonOf(weight)).toBe('UNSUPPORTED')
})
