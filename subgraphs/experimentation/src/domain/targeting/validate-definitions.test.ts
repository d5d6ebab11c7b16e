import { expect, test } from 'vitest'
import { sampleGroup, sampleHoldout, sampleLayer } from '../../testing/sample-targeting.ts'
import { NO_TARGETING, toTargeting } from './definitions.ts'
import { validateHoldout, validateLayer, validateSavedGroup } from './validate-definitions.ts'

const creation = { at: 7, by: 'ana' }
const existing = toTargeting([
  { kind: 'layer', value: sampleLayer() },
  { kind: 'holdout', value: sampleHoldout() },
  { kind: 'savedGroup', value: sampleGroup() },
])

function problemsOf(
  reading: ReturnType<typeof validateLayer | typeof validateHoldout | typeof validateSavedGroup>,
) {
  return reading.type === 'valid'
    ? []
    : reading.problems.map(({ path, message }) => `${path.join('.')} ${message}`)
}

test('a layer has a key of its own and a name', () => {
  expect(validateLayer({ key: 'new', name: 'N' }, existing, creation)).toEqual({
    type: 'valid',
    value: { key: 'new', name: 'N', version: 1, createdBy: 'ana', createdAt: 7 },
  })
  expect(problemsOf(validateLayer({ key: 'ranking', name: 'N' }, existing, creation))).toEqual([
    'key is the key of one of the layers already',
  ])
  expect(problemsOf(validateLayer({ key: ' ', name: '' }, existing, creation))).toHaveLength(2)
})

test('layers and holdouts are bounded in number', () => {
  const full = toTargeting([
    ...Array.from({ length: 500 }, (_, index) => ({
      kind: 'layer' as const,
      value: sampleLayer({ key: `l${index}` }),
    })),
    ...Array.from({ length: 50 }, (_, index) => ({
      kind: 'holdout' as const,
      value: sampleHoldout({ key: `h${index}` }),
    })),
  ])
  expect(problemsOf(validateLayer({ key: 'new', name: 'N' }, full, creation))).toEqual([
    'key cannot be added: there are 500 layers',
  ])
  expect(
    problemsOf(validateHoldout({ key: 'new', name: 'N', share: 0.1, layers: [] }, full, creation)),
  ).toEqual(['key cannot be added: there are 50 holdouts'])
})

test.each([
  ['a share on the grid', { share: 0.0001 }, []],
  ['no share', { share: 0 }, ['share must be above 0 and below 1']],
  ['everybody', { share: 1 }, ['share must be above 0 and below 1']],
  ['no number', { share: Number.NaN }, ['share must be above 0 and below 1']],
  [
    'a share between two steps',
    { share: 0.00015 },
    ['share is finer than ten-thousandths, the steps in which units are held out'],
  ],
  ['a layer', { layers: ['ranking'] }, []],
  [
    'layers that are not there, or twice',
    { layers: ['ranking', 'none', 'ranking'] },
    ['layers.1 names no layer: create it with createLayer', 'layers.2 is listed twice'],
  ],
  ['the key of another one', { key: 'global' }, ['key is the key of one of the holdouts already']],
])('a holdout of %s', (_, overrides, problems) => {
  const draft = { key: 'new', name: 'N', share: 0.05, layers: [], ...overrides }
  expect(problemsOf(validateHoldout(draft, existing, creation))).toEqual(problems)
})

test('a saved group counts its versions', () => {
  const first = validateSavedGroup({ key: 'new', name: 'N', values: ['a', 1] }, existing, creation)
  expect(first).toMatchObject({ value: { version: 1, values: ['a', 1], createdBy: 'ana', createdAt: 7 } })
  const next = validateSavedGroup({ key: 'staff', name: 'N', values: [] }, existing, creation)
  expect(next).toMatchObject({ value: { version: 2, values: [] } })
})

test.each([
  ['another type', [true], ['values.0 must be a number, or 1 to 256 characters of well-formed text']],
  ['an empty text', ['a', ''], ['values.1 must be a number, or 1 to 256 characters of well-formed text']],
  ['a lone surrogate', ['\ud800'], ['values.0 must be a number, or 1 to 256 characters of well-formed text']],
  [
    'infinity',
    [Number.POSITIVE_INFINITY],
    ['values.0 must be a number, or 1 to 256 characters of well-formed text'],
  ],
  ['a value twice', ['a', 'a'], ['values must not list a value twice']],
  [
    'too many values',
    Array.from({ length: 10_001 }, (_, i) => i),
    ['values must not have more than 10000 entries'],
  ],
])('a saved group with %s is refused', (_, values, problems) => {
  expect(problemsOf(validateSavedGroup({ key: 'g', name: 'N', values }, NO_TARGETING, creation))).toEqual(
    problems,
  )
})

test('all saved groups together are bounded, whatever one of them was before', () => {
  const values = Array.from({ length: 10_000 }, (_, index) => String(index).padEnd(256, 'x'))
  const big = toTargeting([{ kind: 'savedGroup', value: sampleGroup({ key: 'big', values }) }])
  expect(problemsOf(validateSavedGroup({ key: 'big', name: 'N', values }, big, creation))).toEqual([])
  expect(problemsOf(validateSavedGroup({ key: 'more', name: 'N', values }, big, creation))).toEqual([
    'values would make all saved groups together longer than 4194304 characters',
  ])
})
