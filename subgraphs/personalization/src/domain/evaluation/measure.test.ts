import { describe, expect, test } from 'vitest'
import { runSteps } from '../../testing/run-steps.ts'
import { samplePairs } from '../../testing/samples/consumed-pairs.ts'
import { sampleRankingModel } from '../../testing/samples/models.ts'
import { type Measurement, measure } from './measure.ts'
import { createPopularModel } from './popular-model.ts'
import { type Split, splitPairs } from './split.ts'
import { trainMatrix } from './train-part.ts'
import { TRAINERS } from './trainers.ts'

/** Three listeners; u1 and u2 have the test items c and d, u4 is new. */
function sampleSplit(): Split {
  const split = splitPairs(
    samplePairs([
      ['u1', 'a', 1],
      ['u1', 'c', 9],
      ['u2', 'a', 1],
      ['u2', 'b', 2],
      ['u2', 'd', 9],
      ['u3', 'b', 1],
      ['u3', 'c', 1],
      ['u4', 'a', 9],
    ]),
    { kind: 'temporal', cutoff: 5 },
  )
  if ('problem' in split) throw new Error(split.problem)
  return split
}

const CATEGORIES: Readonly<Record<string, readonly string[]>> = { a: ['x'], b: ['y'], c: ['x', 'y'] }

function measured(ranking: readonly string[], cutoffs = [2]): Measurement {
  const split = sampleSplit()
  return runSteps(
    measure(split, sampleRankingModel(ranking), {
      cutoffs,
      matrix: trainMatrix(split),
      categoriesOf: (itemId) => CATEGORIES[itemId] ?? [],
    }),
  )
}

function values({ metrics }: Measurement, name: string) {
  const metric = metrics.find((one) => one.name === name)
  if (metric === undefined) throw new Error(`no metric ${name}`)
  return 'perUser' in metric ? [...metric.perUser] : metric.overall
}

describe('measuring a model', () => {
  test('asks each listener of the test part who has a history, and leaves out what they have in the train part', () => {
    const result = measured(['a', 'b', 'c', 'd'])
    expect(result.userIds).toEqual(['u1', 'u2'])
    expect(result.withoutHistory).toBe(1)
    // u1 gets b and c, u2 gets c: d is in the test part only, so nothing could have learnt it.
    expect(values(result, 'precision@2')).toEqual([0.5, 0])
    expect(values(result, 'mrr@2')).toEqual([0.5, 0])
    // The catalogue is a, b and c.
    expect(values(result, 'coverage@2')).toBeCloseTo(2 / 3, 12)
    expect(values(result, 'gini@2')).toBeCloseTo((-2 * 0 + 0 * 1 + 2 * 2) / (3 * 3), 12)
    // Of 3 users b was had by 2, c by 1; d by none, which counts as one.
    const [u1, u2] = values(result, 'novelty@2') as number[]
    expect(u1).toBeCloseTo((Math.log2(3 / 2) + Math.log2(3)) / 2, 12)
    expect(u2).toBeCloseTo(Math.log2(3), 12)
  })

  test('has no value where a list has too few items with categories', () => {
    const result = measured(['a', 'b', 'c', 'd'])
    expect(values(result, 'diversity@2')).toEqual([0.5, Number.NaN])
    const [u1, u2] = values(result, 'miscalibration@2') as number[]
    // u1: history x; list y and half x, half y, so a quarter x.
    expect(u1).toBeCloseTo(Math.log(1 / (0.99 * 0.25 + 0.01)), 12)
    expect(u2).toBeCloseTo(0, 12)
  })

  test('measures at each length once, in ascending order', () => {
    const names = measured(['a', 'b', 'c'], [2, 1, 2]).metrics.map(({ name }) => name)
    expect(names.filter((name) => name.startsWith('ndcg@'))).toEqual(['ndcg@1', 'ndcg@2'])
    expect(new Set(names).size).toBe(names.length)
  })

  test('yields a growing share of the work', () => {
    const split = splitPairs(
      samplePairs(
        Array.from({ length: 200 }, (_, n) => [`u${n}`, `i${n % 7}`, 0] as const).flatMap((one) => [
          one,
          [one[0], 'late', 9] as const,
        ]),
      ),
      { kind: 'temporal', cutoff: 5 },
    ) as Split
    const options = { cutoffs: [5], matrix: trainMatrix(split), categoriesOf: () => [] }
    const shares = [...measure(split, sampleRankingModel(['i1']), options)]
    expect(shares.length).toBeGreaterThan(5)
    expect(shares).toEqual(shares.toSorted((a, b) => a - b))
    expect(shares.at(-1)).toBeLessThan(1)
  })
})

describe('what can be trained by name', () => {
  test('popular ranks by users, ties by id, and leaves out the history', () => {
    const model = createPopularModel(trainMatrix(sampleSplit()))
    const ids = (history: readonly string[], limit = 9) =>
      model
        .recommend(
          history.map((itemId) => ({ itemId, weight: 1 })),
          limit,
        )
        .map(({ itemId }) => itemId)
    expect(ids([])).toEqual(['a', 'b', 'c'])
    expect(ids(['a'], 1)).toEqual(['b'])
    expect(model.recommend([], 9, (itemId) => itemId !== 'a')[0]).toEqual({
      itemId: 'b',
      score: 2 / 3,
      becauseOf: null,
    })
  })

  test.each([...TRAINERS])('%s gives a model that knows the train part only', (_, train) => {
    const model = runSteps(train(trainMatrix(sampleSplit())))
    expect(model.itemCount).toBe(3)
    expect(model.algorithm).not.toBe('')
    const list = model.recommend([{ itemId: 'b', weight: 1 }], 10).map(({ itemId }) => itemId)
    expect(list.toSorted()).toEqual(['a', 'c'])
  })
})
