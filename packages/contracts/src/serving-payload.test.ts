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
  ['room for no item of a creator', { diversity: { maxPerCreator: 0 } }],
])('refuses %s', (_, payload) => {
  expect(servingPayloadSchema.safeParse(payload).success).toBe(false)
})
