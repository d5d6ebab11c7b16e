import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { runSteps } from '../../testing/run-steps.ts'
import { withReasons } from '../../testing/with-reasons.ts'
import type { HistoryItem, RecommendationModel } from '../model-candidate.ts'
import { makeClusteredRows, makeTastes } from '../nearest/testing/clustered-rows.ts'
import { clusterFactors } from './cluster-factors.ts'
import { gramOf } from './fold-in.ts'
import { createFactorsModel, type FactorsModelParts, MAX_READ_ITEMS } from './model.ts'

const ITEMS = 12_000
const DIMENSIONS = 32
const LISTENERS = 100

function modelParts(rows: { readonly dimensions: number; readonly values: Float32Array }): FactorsModelParts {
  const { dimensions, values } = rows
  const count = values.length / dimensions
  const itemIds = Array.from({ length: count }, (_, n) => `i${String(n).padStart(6, '0')}`)
  const foldIn = { unobservedWeight: 0.1, regularization: 0.01, frequencyExponent: 1 }
  return { factors: { itemIds, dimensions, values }, gram: gramOf(rows), foldIn, clusters: null }
}

function inGroups(parts: FactorsModelParts): FactorsModelParts {
  return runSteps(clusterFactors(parts))
}

describe('a model whose items are in groups', () => {
  let exact: RecommendationModel
  let grouped: RecommendationModel
  let histories: HistoryItem[][]

  beforeAll(() => {
    const rows = makeClusteredRows(ITEMS, DIMENSIONS)
    const parts = modelParts(rows)
    exact = createFactorsModel('ials', parts)
    grouped = createFactorsModel('ials', inGroups(parts))
    histories = makeTastes(rows.clusterOf, LISTENERS).map((taste) =>
      taste.map((row) => ({ itemId: parts.factors.itemIds[row] ?? '', weight: 1 })),
    )
  })

  test.each([10, 100, 300])(
    'finds 95 of 100 of the best %i items, and of no listener less than half',
    (limit) => {
      const recalls = histories.map((history) => {
        const best = new Set(exact.recommend(history, limit).map(({ itemId }) => itemId))
        return grouped.recommend(history, limit).filter(({ itemId }) => best.has(itemId)).length / limit
      })
      expect(recalls.reduce((sum, recall) => sum + recall, 0) / LISTENERS).toBeGreaterThan(0.95)
      expect(Math.min(...recalls)).toBeGreaterThan(0.5)
    },
  )

  test('gives each item the score and the reason that it has among all items, best first', () => {
    for (const history of histories.slice(0, 5)) {
      const all = withReasons(exact.recommend(history, ITEMS))
      const byId = new Map(all.map((candidate) => [candidate.itemId, candidate]))
      const found = withReasons(grouped.recommend(history, 100))
      expect(found).toEqual(found.map(({ itemId }) => byId.get(itemId)))
      expect(found.map(({ score }) => score)).toEqual(
        found.map(({ score }) => score).toSorted((a, b) => b - a),
      )
      expect(new Set(found.map(({ itemId }) => itemId)).size).toBe(100)
    }
  })

  test.each(['exact', 'grouped'])('the %s one says of each item where it is among its ids', (kind) => {
    const model = kind === 'exact' ? exact : grouped
    const found = histories.slice(0, 5).flatMap((history) => model.recommend(history, 100))
    expect(found.map(({ place = -1 }) => model.itemIds?.[place])).toEqual(found.map(({ itemId }) => itemId))
  })

  test('finds the same reasons when they are asked for after other lists were made', () => {
    const some = histories.slice(0, 20)
    const atOnce = some.map((history) => withReasons(grouped.recommend(history, 100)))
    const lists = some.map((history) => grouped.recommend(history, 100))
    expect(lists.map(withReasons)).toEqual(atOnce)
  })

  test('leaves nothing out where few items are eligible', () => {
    const isEligible = (itemId: string) => itemId.endsWith('007')
    for (const history of histories.slice(0, 5)) {
      const expected = exact.recommend(history, 100, isEligible)
      expect(withReasons(grouped.recommend(history, 100, isEligible))).toEqual(withReasons(expected))
    }
  })

  test('asks about few items where all are eligible', () => {
    let asked = 0
    grouped.recommend(histories[0] ?? [], 100, () => ++asked > 0)
    expect(asked).toBe(100)
  })

  test('fills a list although the history has everything that is near', () => {
    const near = grouped.recommend(histories[0] ?? [], 500).map(({ itemId }) => itemId)
    const consumed = new Set(near)
    const found = grouped.recommend(histories[0] ?? [], 100, (itemId) => !consumed.has(itemId))
    expect(found).toHaveLength(100)
    expect(found.filter(({ itemId }) => consumed.has(itemId))).toEqual([])
  })
})

test('a model with more items than may be scored for one list asks about no more, whatever is eligible', () => {
  const rows = makeClusteredRows(MAX_READ_ITEMS + 20_000, 4)
  const parts = modelParts(rows)
  const grouped = createFactorsModel('ials', inGroups(parts))
  const history = [{ itemId: parts.factors.itemIds[0] ?? '', weight: 1 }]
  const asked = new Set<string>()
  const none = grouped.recommend(history, 100, (itemId) => {
    asked.add(itemId)
    return false
  })
  expect(none).toEqual([])
  expect(asked.size).toBeGreaterThan(1_000)
  expect(asked.size).toBeLessThan(MAX_READ_ITEMS / 10)
  expect(grouped.recommend(history, 100)).toHaveLength(100)
})

test('a model in groups that is so small that all of it is read recommends what it does without, ties included', () => {
  const few = fc.record({
    count: fc.integer({ min: 1, max: 40 }),
    values: fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 80, maxLength: 80 }),
    liked: fc.array(fc.nat({ max: 39 }), { minLength: 1, maxLength: 5 }),
    limit: fc.integer({ min: 1, max: 50 }),
  })
  fc.assert(
    fc.property(few, ({ count, values, liked, limit }) => {
      const parts = modelParts({ dimensions: 2, values: Float32Array.from(values.slice(0, 2 * count)) })
      const history = liked.map((n) => ({ itemId: parts.factors.itemIds[n] ?? 'unknown', weight: 1 }))
      const expected = createFactorsModel('ials', parts).recommend(history, limit)
      const found = createFactorsModel('ials', inGroups(parts)).recommend(history, limit)
      expect(withReasons(found)).toEqual(withReasons(expected))
    }),
  )
})
