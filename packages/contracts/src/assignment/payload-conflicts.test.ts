import fc from 'fast-check'
import { expect, test } from 'vitest'
import { experimentArbitrary } from '../testing/snapshot-arbitrary.ts'
import { type ConflictCandidate, conflictingParameters, SERVING_PARAMETERS } from './payload-conflicts.ts'

function diversity(members: Partial<ConflictCandidate> = {}): ConflictCandidate {
  return {
    unitType: 'userId',
    surfaces: [],
    layer: null,
    variants: [{ payload: null }, { payload: { diversity: { maxPerCreator: 2 } } }],
    ...members,
  }
}

function layer(key: string, from: number, to: number, hashVersion?: number): Partial<ConflictCandidate> {
  const range = { key, from, to }
  return { layer: hashVersion === undefined ? range : { ...range, hashVersion } }
}

test.each<[string, Partial<ConflictCandidate>, Partial<ConflictCandidate>, string[]]>([
  ['two experiments everywhere', {}, {}, ['diversity']],
  ['a surface and everywhere', { surfaces: ['home'] }, {}, ['diversity']],
  ['a common surface', { surfaces: ['home', 'search'] }, { surfaces: ['search'] }, ['diversity']],
  ['no common surface', { surfaces: ['home'] }, { surfaces: ['search'] }, []],
  ['ranges of one layer that meet', layer('main', 0, 0.5), layer('main', 0.5, 1), []],
  ['ranges of one layer that overlap', layer('main', 0, 0.5), layer('main', 0.499, 1), ['diversity']],
  ['a range within another', layer('main', 0.2, 0.3), layer('main', 0, 1), ['diversity']],
  ['disjoint ranges of two layers', layer('main', 0, 0.5), layer('other', 0.5, 1), ['diversity']],
  ['disjoint ranges of one layer of version 2', layer('main', 0, 0.5, 2), layer('main', 0.5, 1, 2), []],
  ['disjoint ranges, one of which says version 1', layer('main', 0, 0.5, 1), layer('main', 0.5, 1), []],
  ['disjoint ranges of two hash versions', layer('main', 0, 0.5), layer('main', 0.5, 1, 2), ['diversity']],
  [
    'disjoint ranges of an unknown version',
    layer('main', 0, 0.5, 3),
    layer('main', 0.5, 1, 3),
    ['diversity'],
  ],
  ['a layer and none', layer('main', 0, 0.5), {}, ['diversity']],
  [
    'disjoint ranges of one layer for two unit types',
    layer('main', 0, 0.5),
    { ...layer('main', 0.5, 1), unitType: 'deviceId' },
    ['diversity'],
  ],
  ['other parameters', {}, { variants: [{ payload: { exploration: { epsilon: 0.1 } } }] }, []],
  ['no payload', {}, { variants: [{ payload: null }] }, []],
  [
    'parameters that nobody reads',
    { variants: [{ payload: { colour: 'red' } }] },
    { variants: [{ payload: { colour: 'blue' } }] },
    [],
  ],
])('%s', (_, a, b, expected) => {
  expect(conflictingParameters(diversity(a), diversity(b))).toEqual(expected)
  expect(conflictingParameters(diversity(b), diversity(a))).toEqual(expected)
})

test('counts parameters of different variants', () => {
  const both = {
    variants: [
      { payload: { modelVersionId: 'm1' } },
      { payload: { sources: [{ name: 'popular', weight: 1 }] } },
    ],
  }
  expect(conflictingParameters(diversity(both), diversity(both))).toEqual(['modelVersionId', 'sources'])
})

test('is symmetric', () => {
  // In one layer, because ranges of two layers never separate anything.
  const inMain = experimentArbitrary.map((experiment) => ({
    ...experiment,
    layer: experiment.layer && { ...experiment.layer, key: 'main' },
  }))
  fc.assert(
    fc.property(inMain, inMain, (a, b) => {
      expect(conflictingParameters(a, b)).toEqual(conflictingParameters(b, a))
    }),
  )
})

test('an experiment conflicts with itself in exactly what it sets', () => {
  fc.assert(
    fc.property(experimentArbitrary, (experiment) => {
      const names = new Set(experiment.variants.flatMap(({ payload }) => Object.keys(payload ?? {})))
      expect(conflictingParameters(experiment, experiment)).toEqual(
        SERVING_PARAMETERS.filter((name) => names.has(name)),
      )
    }),
  )
})
