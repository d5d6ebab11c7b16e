import type { Assignment, JsonObject } from '@bulkhead/contracts'
import { describe, expect, test } from 'vitest'
import { DEFAULT_PARAMETERS, mergePayloads, NO_RERANKING } from './serving-parameters.ts'

function assignment(key: string, payload: JsonObject | null): Assignment {
  const variant = { key: 'treatment', weight: 1, payload }
  return {
    experiment: {
      key,
      version: 1,
      status: 'RUNNING',
      unitType: 'userId',
      seed: key,
      hashVersion: 2,
      surfaces: [],
      layer: null,
      coverage: 1,
      condition: null,
      forced: {},
      trigger: 'SERVE',
      variants: [variant],
    },
    unit: 'u1',
    included: true,
    variant,
    reason: 'BUCKETED',
    bucket: 0,
  }
}

function merge(assignments: readonly Assignment[], models: readonly string[] = []) {
  const { parameters, ignored } = mergePayloads(assignments, (id) => models.includes(id))
  return { parameters, ignored: [...ignored].map(({ experiment }) => experiment.key) }
}

describe('mergePayloads', () => {
  test('without a payload everything is as by default', () => {
    expect(merge([])).toEqual({ parameters: DEFAULT_PARAMETERS, ignored: [] })
    expect(merge([assignment('a', null)])).toEqual({ parameters: DEFAULT_PARAMETERS, ignored: [] })
  })

  test('payloads that set different parameters work together', () => {
    const merged = merge(
      [
        assignment('a', { modelVersionId: 'm2', exploration: { epsilon: 0.1 } }),
        assignment('b', { diversity: { maxPerCreator: 2 } }),
        assignment('c', { sources: [{ name: 'popular', weight: 3 }] }),
      ],
      ['m2'],
    )
    expect(merged).toEqual({
      parameters: {
        modelVersionId: 'm2',
        ...NO_RERANKING,
        mix: [{ name: 'popular', weight: 3 }],
        maxPerCreator: 2,
        epsilon: 0.1,
      },
      ignored: [],
    })
  })

  test('the later of two payloads that set the same parameter is ignored as a whole', () => {
    const merged = merge([
      assignment('a', { exploration: { epsilon: 0.1 } }),
      assignment('b', { exploration: { epsilon: 0.2 }, diversity: { maxPerCreator: 2 } }),
      assignment('c', { diversity: { maxPerCreator: 3 } }),
    ])
    expect(merged).toEqual({
      parameters: { ...DEFAULT_PARAMETERS, epsilon: 0.1, maxPerCreator: 3 },
      ignored: ['b'],
    })
  })

  test.each([
    ['does not parse', { exploration: { epsilon: 7 } }],
    ['sets what nobody reads', { colour: 'red' }],
    ['sets nothing', {}],
    ['pins a model that is not there', { modelVersionId: 'm9', exploration: { epsilon: 0.1 } }],
  ])('a payload that %s is ignored as a whole', (_, payload) => {
    expect(merge([assignment('a', payload)], ['m2'])).toEqual({
      parameters: DEFAULT_PARAMETERS,
      ignored: ['a'],
    })
  })

  test('an ignored payload does not stand in the way of a later one', () => {
    const merged = merge([
      assignment('a', { modelVersionId: 'm9', exploration: { epsilon: 0.1 } }),
      assignment('b', { exploration: { epsilon: 0.2 } }),
    ])
    expect(merged).toEqual({ parameters: { ...DEFAULT_PARAMETERS, epsilon: 0.2 }, ignored: ['a'] })
  })
})
