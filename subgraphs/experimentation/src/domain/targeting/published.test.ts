import { assign, assignmentSnapshotSchema, conflictingParameters } from '@bulkhead/contracts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sampleGroup, sampleHoldout, sampleLayer } from '../../testing/sample-targeting.ts'
import { sampleExperiment } from '../../testing/samples.ts'
import type { Experiment } from '../experiment.ts'
import { NO_MODEL_DECISIONS } from '../governance/model-decisions.ts'
import { findParameterConflicts } from '../parameter-conflicts.ts'
import { altersAssignment, listedBytes, nextSnapshot } from '../publishing.ts'
import { NO_TARGETING, type TargetingDefinition, toTargeting } from './definitions.ts'

function running(overrides: Partial<Experiment> & Pick<Experiment, 'key'>): Experiment {
  return sampleExperiment({ status: 'RUNNING', startedAt: 1, ...overrides })
}

const definitions: TargetingDefinition[] = [
  { kind: 'layer', value: sampleLayer({ key: 'ranking' }) },
  { kind: 'layer', value: sampleLayer({ key: 'unused' }) },
  { kind: 'holdout', value: sampleHoldout({ key: 'global' }) },
  { kind: 'holdout', value: sampleHoldout({ key: 'of-ranking', layers: ['ranking', 'unused'] }) },
  { kind: 'holdout', value: sampleHoldout({ key: 'of-unused', layers: ['unused'] }) },
  { kind: 'savedGroup', value: sampleGroup({ key: 'staff' }) },
  { kind: 'savedGroup', value: sampleGroup({ key: 'unnamed' }) },
]
const targeting = toTargeting(definitions)

const targeted = running({
  key: 'targeted',
  layer: { key: 'ranking', from: 0.25, to: 0.5 },
  condition: { userId: { $inGroup: 'staff' } },
  forced: [{ unit: '__proto__', variantKey: 'treatment' }],
  prerequisites: [
    { experimentKey: 'plain', variantKeys: null },
    { experimentKey: 'other', variantKeys: ['control'] },
  ],
})

test('an experiment is published with everything that decides whom it includes', () => {
  const snapshot = nextSnapshot(null, [targeted], targeting, 0, NO_MODEL_DECISIONS)
  expect(snapshot.experiments[0]).toMatchObject({
    layer: { key: 'ranking', from: 0.25, to: 0.5, hashVersion: 2 },
    condition: { userId: { $inGroup: 'staff' } },
    prerequisites: [{ experimentKey: 'plain' }, { experimentKey: 'other', variantKeys: ['control'] }],
  })
  expect(Object.entries(snapshot.experiments[0]?.forced ?? {})).toEqual([['__proto__', 'treatment']])
  const signed = { ...JSON.parse(JSON.stringify(snapshot)), keyId: 'k', signature: 'c2ln' }
  expect(assignmentSnapshotSchema.safeParse(signed).error).toBeUndefined()
})

test('without targeting it is published as by earlier releases', () => {
  const [listing] = nextSnapshot(
    null,
    [running({ key: 'plain' })],
    targeting,
    0,
    NO_MODEL_DECISIONS,
  ).experiments
  expect(listing).toMatchObject({ layer: null, condition: null, forced: {} })
  expect(Object.keys(listing ?? {})).not.toContain('prerequisites')
  expect(nextSnapshot(null, [], targeting, 0, NO_MODEL_DECISIONS)).toMatchObject({ layers: [], holdouts: [] })
})

test('a snapshot has the layers, holdouts and groups that its experiments need, and no other', () => {
  expect(nextSnapshot(null, [targeted], targeting, 0, NO_MODEL_DECISIONS)).toMatchObject({
    layers: [{ key: 'ranking' }],
    holdouts: [
      { key: 'global', seed: '_holdout:global', share: 0.05, unitType: 'userId', layers: [] },
      { key: 'of-ranking', layers: ['ranking', 'unused'] },
    ],
    savedGroups: { staff: ['u1', 'u2'] },
  })
  const plain = nextSnapshot(null, [running({ key: 'plain' })], targeting, 0, NO_MODEL_DECISIONS)
  expect(plain).toMatchObject({ layers: [], holdouts: [{ key: 'global' }] })
  expect(Object.keys(plain)).not.toContain('savedGroups')
  expect(plain.holdouts).toHaveLength(1)
  const draft = nextSnapshot(null, [{ ...targeted, status: 'DRAFT' }], targeting, 0, NO_MODEL_DECISIONS)
  expect(draft).toMatchObject({ layers: [], holdouts: [], experiments: [] })
})

test('the same definitions give the same text, in whatever order they were made', () => {
  const unnamed = { userId: { $notInGroup: 'unnamed' } }
  const experiments = [
    targeted,
    running({ key: 'a', condition: unnamed }),
    running({ key: 'z', layer: targeted.layer }),
  ]
  const snapshot = nextSnapshot(null, experiments, targeting, 0, NO_MODEL_DECISIONS)
  expect(Object.keys(snapshot.savedGroups ?? {})).toEqual(['staff', 'unnamed'])
  const text = JSON.stringify(snapshot)
  fc.assert(
    fc.property(
      fc.shuffledSubarray(definitions, { minLength: definitions.length }),
      fc.shuffledSubarray(experiments, { minLength: experiments.length }),
      (shuffled, order) => {
        expect(JSON.stringify(nextSnapshot(null, order, toTargeting(shuffled), 0, NO_MODEL_DECISIONS))).toBe(
          text,
        )
      },
    ),
  )
})

test('other targeting alters assignment', () => {
  for (const change of [
    { layer: { key: 'ranking', from: 0.25, to: 0.6 } },
    { condition: null },
    { forced: [] },
    { prerequisites: [] },
  ]) {
    expect(altersAssignment(targeted, { ...targeted, ...change })).toBe(true)
    expect(listedBytes({ ...targeted, ...change })).not.toBe(0)
  }
})

describe('units', () => {
  const units = Array.from({ length: 4_000 }, (_, index) => `unit-${index}`)
  const halves = [
    running({ key: 'first', layer: { key: 'ranking', from: 0, to: 0.5 } }),
    running({ key: 'second', layer: { key: 'ranking', from: 0.5, to: 1 } }),
  ]

  test('are in one of two experiments that share a layer, never in both, and a holdout is in neither', () => {
    const snapshot = nextSnapshot(null, halves, targeting, 0, NO_MODEL_DECISIONS)
    const counts = { first: 0, second: 0, HOLDOUT: 0 }
    for (const userId of units) {
      const assignments = assign(snapshot, { userId }, {})
      const included = assignments.filter((one) => one.included).map(({ experiment }) => experiment.key)
      if (assignments.every(({ reason }) => reason === 'HOLDOUT')) counts.HOLDOUT += 1
      else expect(included).toHaveLength(1)
      for (const key of included) counts[key as 'first' | 'second'] += 1
    }
    // Two holdouts of 5% each, which are independent.
    expect(counts.HOLDOUT / units.length).toBeCloseTo(0.0975, 1)
    expect(counts.HOLDOUT).toBeGreaterThan(300)
    expect(Math.abs(counts.first - counts.second)).toBeLessThan(250)
  })

  test('of one layer say little about those of a layer with a similar name, as hash version 1 would not', () => {
    const inLayer = (key: string) =>
      nextSnapshot(
        null,
        [running({ key: 'e', layer: { key, from: 0.5, to: 1 } })],
        NO_TARGETING,
        0,
        NO_MODEL_DECISIONS,
      )
    const [one, other] = [inLayer('main-1'), inLayer('main-9')]
    const isIn = (snapshot: typeof one, userId: string) => assign(snapshot, { userId }, {})[0]?.included
    const inOne = units.filter((unit) => isIn(one, unit))
    const share = inOne.filter((unit) => isIn(other, unit)).length / inOne.length
    expect(Math.abs(share - 0.5)).toBeLessThan(0.05)
  })

  test('get anything else with the next version of an experiment: the version is in its seed', () => {
    const bucketOf = (version: number, userId: string) =>
      assign(
        nextSnapshot(null, [running({ key: 'e', version })], NO_TARGETING, 0, NO_MODEL_DECISIONS),
        { userId },
        {},
      )[0]?.bucket
    expect(units.slice(0, 50).filter((unit) => bucketOf(1, unit) === bucketOf(2, unit)).length).toBeLessThan(
      5,
    )
  })
})

test('disjoint ranges of one layer let two experiments set the same parameter, others do not', () => {
  const at = (key: string, from: number, to: number, layer = 'ranking') =>
    running({ key, layer: { key: layer, from, to } })
  const first = at('first', 0, 0.5)
  expect(findParameterConflicts(first, [at('second', 0.5, 1)])).toBeNull()
  expect(findParameterConflicts(first, [at('second', 0.4999, 1)])).not.toBeNull()
  expect(findParameterConflicts(first, [at('second', 0.5, 1, 'retrieval')])).not.toBeNull()
  expect(findParameterConflicts(first, [running({ key: 'everywhere' })])).not.toBeNull()
  // An imported namespace hashes with version 1, so that it separates nothing from ours.
  const listed = nextSnapshot(
    null,
    [first, at('second', 0.5, 1)],
    targeting,
    0,
    NO_MODEL_DECISIONS,
  ).experiments
  const [a, b] = listed
  if (a === undefined || b?.layer == null) throw new Error('both are listed')
  expect(conflictingParameters(a, b)).toEqual([])
  expect(conflictingParameters(a, { ...b, layer: { ...b.layer, hashVersion: 1 } })).not.toEqual([])
})
