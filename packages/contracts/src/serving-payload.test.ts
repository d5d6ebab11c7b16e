import { expect, test } from 'vitest'
import { servingPayloadSchema } from './serving-payload.ts'

test.each([
  [{ modelVersionId: 'item-to-item-1' }],
  [
    {
      sources: [
        { name: 'model', weight: 3 },
        { name: 'popular', weight: 1 },
      ],
    },
  ],
  [{ diversity: { mmrLambda: 0.7, creatorDecay: 0.5, calibration: 0.2 } }],
  [{ diversity: { maxPerCreator: 2 }, exploration: { epsilon: 0.05 } }],
])('accepts %j', (payload) => {
  expect(servingPayloadSchema.parse(payload)).toEqual(payload)
})

test.each([
  ['nothing set', {}],
  ['a parameter that nobody reads', { colour: 'red' }],
  ['a known and an unknown parameter', { modelVersionId: 'm1', colour: 'red' }],
  [
    'a source that stands twice',
    {
      sources: [
        { name: 'model', weight: 1 },
        { name: 'model', weight: 2 },
      ],
    },
  ],
  ['a source of weight 0', { sources: [{ name: 'model', weight: 0 }] }],
  ['an unknown source', { sources: [{ name: 'oracle', weight: 1 }] }],
  ['a share above 1', { exploration: { epsilon: 1.1 } }],
  ['a diversity that sets nothing', { diversity: {} }],
  ['a relevance above 1', { diversity: { mmrLambda: 1.1 } }],
  ['a decay that rewards', { diversity: { creatorDecay: 1.1 } }],
  ['a negative calibration', { diversity: { calibration: -0.1 } }],
  ['room for no item of a creator', { diversity: { maxPerCreator: 0 } }],
])('refuses %s', (_, payload) => {
  expect(servingPayloadSchema.safeParse(payload).success).toBe(false)
})
