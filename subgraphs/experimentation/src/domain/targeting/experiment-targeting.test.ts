import { describe, expect, test } from 'vitest'
import { sampleGroup, sampleLayer } from '../../testing/sample-targeting.ts'
import { sampleExperiment } from '../../testing/samples.ts'
import { toTargeting } from './definitions.ts'
import { readTargeting, type TargetingDraft } from './experiment-targeting.ts'
import { type ExperimentTargeting, UNTARGETED } from './rules.ts'

const NO_OBJECT = 'condition must be a JSON object of well-formed text, at most 64 levels deep'

const targeting = toTargeting([
  { kind: 'layer', value: sampleLayer() },
  { kind: 'savedGroup', value: sampleGroup() },
])
const holder = sampleExperiment({
  key: 'old',
  status: 'RUNNING',
  layer: { key: 'ranking', from: 0, to: 0.4 },
})

function read(draft: TargetingDraft, before: ExperimentTargeting = UNTARGETED, listed = [holder]) {
  const reading = readTargeting(draft, before, sampleExperiment({ key: 'mix' }), {
    targeting,
    listed: () => listed,
  })
  return {
    ...reading.targeting,
    problems: reading.problems.map(({ path, message }) => `${path.join('/')} ${message}`),
  }
}

const targeted: ExperimentTargeting = {
  layer: { key: 'ranking', from: 0.5, to: 0.6 },
  condition: { country: 'NL' },
  forced: [{ unit: 'qa', variantKey: 'treatment' }],
  prerequisites: [{ experimentKey: 'other', variantKeys: null }],
}

test('what is left out stays as it is', () => {
  expect(read({}, targeted)).toEqual({ ...targeted, problems: [] })
  expect(
    read({ layer: null, layerRange: null, condition: null, forced: null, prerequisites: null }, targeted),
  ).toEqual({ ...targeted, problems: [] })
  expect(read({})).toEqual({ ...UNTARGETED, problems: [] })
})

test('lists are replaced as a whole, and the condition that everyone meets is none', () => {
  expect(read({ condition: {}, forced: [], prerequisites: [] }, targeted)).toEqual({
    ...UNTARGETED,
    layer: targeted.layer,
    problems: [],
  })
})

describe('the layer', () => {
  test('gives the range that is asked for, taken or not, or else the largest free one', () => {
    const layerRange = { from: 0.1, to: 0.2 }
    expect(read({ layer: 'ranking', layerRange })).toMatchObject({
      layer: { key: 'ranking', ...layerRange },
      problems: [],
    })
    expect(read({ layer: 'ranking' })).toMatchObject({ layer: { from: 0.4, to: 1 }, problems: [] })
    expect(read({ layerRange }, targeted)).toMatchObject({ layer: { key: 'ranking', ...layerRange } })
  })

  test('has to be there, with a range on the grid and something free', () => {
    expect(read({ layer: 'none' }).problems).toEqual(['layer names no layer: create it with createLayer'])
    expect(read({ layerRange: { from: 0, to: 1 } }).problems).toEqual([
      'layerRange is for experiments in a layer',
    ])
    expect(read({ layer: 'ranking', layerRange: { from: 0, to: 0.00001 } }).problems).toEqual([
      'layerRange is finer than ten-thousandths, the steps of hash version 2',
    ])
    const all = { ...holder, layer: { key: 'ranking', from: 0, to: 1 } }
    expect(read({ layer: 'ranking' }, UNTARGETED, [all]).problems).toEqual([
      expect.stringContaining('layer has no free range'),
    ])
  })
})

test.each<[string, unknown, string[]]>([
  ['an attribute', { country: { $in: ['NL', 'BE'] } }, []],
  ['a saved group', { userId: { $inGroup: 'staff' } }, []],
  ['a list', ['NL'], [NO_OBJECT]],
  ['text', 'NL', [NO_OBJECT]],
  ['an undefined member', { a: undefined }, [NO_OBJECT]],
])('a condition of %s: %o', (_, condition, problems) => {
  expect(read({ condition }).problems).toEqual(problems)
})

test('problems of a condition come with their paths, all at once', () => {
  const condition = {
    $or: [{ 'a/b': { $never: 1 } }, { userId: { $inGroup: 'nobody' } }],
    app: { $regex: '(?=x)' },
  }
  expect(read({ condition }).problems).toEqual([
    expect.stringContaining('condition/$or/0/a/b'),
    expect.stringContaining('condition/app/$regex'),
    'condition/$or/1/userId/$inGroup there is no saved group "nobody"',
  ])
})

test.each<[string, { unit: string; variantKey: string }[], string[]]>([
  ['a unit', [{ unit: '__proto__', variantKey: 'control' }], []],
  [
    'no unit',
    [{ unit: '', variantKey: 'control' }],
    ['forced/0/unit must be 1 to 256 characters of well-formed text'],
  ],
  ['another variant', [{ unit: 'u', variantKey: 'x' }], ['forced/0/variantKey is not the key of a variant']],
  [
    'a unit twice',
    [
      { unit: 'u', variantKey: 'control' },
      { unit: 'u', variantKey: 'treatment' },
    ],
    ['forced/1/unit is forced twice'],
  ],
  [
    'too many',
    Array.from({ length: 101 }, (_, index) => ({ unit: `u${index}`, variantKey: 'control' })),
    ['forced must not have more than 100 entries'],
  ],
])('forcing %s', (_, forced, problems) => {
  expect(read({ forced }).problems).toEqual(problems)
})

test.each<[string, NonNullable<TargetingDraft['prerequisites']>, string[]]>([
  ['any variant', [{ experimentKey: 'other' }], []],
  ['some variants', [{ experimentKey: 'other', variantKeys: ['a', 'b'] }], []],
  [
    'itself',
    [{ experimentKey: 'mix' }],
    ['prerequisites/0/experimentKey must be the key of another experiment'],
  ],
  [
    'one twice',
    [{ experimentKey: 'other' }, { experimentKey: 'other', variantKeys: ['a'] }],
    ['prerequisites/1/experimentKey is listed twice'],
  ],
  [
    'no variant',
    [{ experimentKey: 'other', variantKeys: [] }],
    ['prerequisites/0/variantKeys must be 1 to 20 keys of variants; leave it out for any'],
  ],
  [
    'too many',
    Array.from({ length: 21 }, (_, index) => ({ experimentKey: `e${index}` })),
    ['prerequisites must not name more than 20 experiments'],
  ],
])('needing %s', (_, prerequisites, problems) => {
  expect(read({ prerequisites }).problems).toEqual(problems)
})
