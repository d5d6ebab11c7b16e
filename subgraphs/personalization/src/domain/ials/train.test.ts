import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withReasons } from '../../testing/with-reasons.ts'
import { createInteractionMatrixBuilder, type InteractionMatrix } from '../item-to-item/interaction-matrix.ts'
import { createFoldIn, gramOf, isSolvable } from './fold-in.ts'
import { createFactorsModel } from './model.ts'
import type { IalsParameters } from './parameters.ts'
import { createPositiveDefiniteSolver } from './positive-definite-solver.ts'
import { CollapsedFactorsError, type IalsCheckpoint, type ItemFactors, trainIals } from './train.ts'

const PARAMETERS: IalsParameters = {
  dimensions: 5,
  epochs: 6,
  unobservedWeight: 0.2,
  regularization: 0.05,
  frequencyExponent: 1,
  seed: 7,
}

/** Two tastes, of six items each, and users who had four items of one of them. */
function twoTastes(): InteractionMatrix {
  const builder = createInteractionMatrixBuilder()
  for (let user = 0; user < 40; user++) {
    const taste = user % 2 === 0 ? 'a' : 'b'
    for (let n = 0; n < 4; n++) builder.add(`u${user}`, `${taste}${(Math.floor(user / 2) + n) % 6}`)
  }
  return builder.build()
}

function trained(matrix: InteractionMatrix, parameters: IalsParameters, from: IalsCheckpoint | null = null) {
  const checkpoints: IalsCheckpoint[] = []
  const shares: number[] = []
  const steps = trainIals(matrix, parameters, from)
  for (;;) {
    const step = steps.next()
    if (step.done) return { factors: step.value, checkpoints, shares }
    shares.push(step.value.done)
    const { checkpoint } = step.value
    if (checkpoint !== null) checkpoints.push({ ...checkpoint, itemFactors: checkpoint.itemFactors.slice() })
  }
}

function modelOf(factors: ItemFactors, parameters: IalsParameters) {
  return createFactorsModel('ials', { factors, gram: gramOf(factors), foldIn: parameters, clusters: null })
}

/** Rows of whole numbers / 8, exactly representable. */
function factorsArbitrary(dimensions: number) {
  return fc
    .array(fc.array(fc.integer({ min: -16, max: 16 }), { minLength: dimensions, maxLength: dimensions }), {
      minLength: 1,
      maxLength: 9,
    })
    .map((rows) => Float32Array.from(rows.flat(), (value) => value / 8))
}

describe('solver', () => {
  test.each([1, 2, 4, 5, 9, 64])('solves %i equations', (size) => {
    const a = new Float64Array(size * size)
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        a[row * size + column] = row === column ? size : Math.sin(row * column + row + column)
      }
    }
    const wanted = Array.from({ length: size }, (_, n) => n - 2)
    const b = Float64Array.from({ length: size }, (_, row) =>
      wanted.reduce((sum, x, column) => sum + x * a[row * size + column]!, 0),
    )
    const solver = createPositiveDefiniteSolver(size)
    solver.factorize(a)
    solver.solve(b)
    b.forEach((x, n) => {
      expect(x).toBeCloseTo(wanted[n]!, 9)
    })
  })

  test.each([1, 3, 4, 9])(
    'solves %i equations with the same matrix as each alone, to the last digit',
    (count) => {
      const size = 5
      const a = new Float64Array(size * size)
      for (let row = 0; row < size; row++) a.fill(1 / (row + 2), row * size, row * size + row)
      for (let row = 0; row < size; row++) a[row * size + row] = 3
      const solver = createPositiveDefiniteSolver(size)
      solver.factorize(a)
      const together = Float64Array.from({ length: count * size }, (_, n) => Math.sin(n))
      const alone = Array.from({ length: count }, (_, n) => together.slice(n * size, (n + 1) * size))
      solver.solve(together)
      for (const b of alone) solver.solve(b)
      expect([...together]).toEqual(alone.flatMap((b) => [...b]))
    },
  )
})

describe('a regularization that is too high', () => {
  test('is refused with what to do, instead of a model of zeros', () => {
    const train = () => trained(twoTastes(), { ...PARAMETERS, regularization: 5 })
    expect(train).toThrow(CollapsedFactorsError)
    expect(train).toThrow(
      /regularization of 5, 160 interactions .* 12 items and 40 users.*--regularization 0\.5`/,
    )
  })
})

describe('fold-in', () => {
  test('is where the gradient of its loss is 0, for any factors and history', () => {
    fc.assert(
      fc.property(
        factorsArbitrary(3),
        fc.array(fc.tuple(fc.nat(8), fc.constantFrom(0.5, 1, 3)), { maxLength: 7 }),
        (values, had) => {
          const count = values.length / 3
          const items = had.map(([item]) => item % count)
          const weights = had.map(([, weight]) => weight)
          const parameters = { unobservedWeight: 0.3, regularization: 0.1, frequencyExponent: 0.5 }
          const factors = { dimensions: 3, values }
          const x = new Float64Array(3)
          createFoldIn(factors, gramOf(factors), parameters).place(items, weights, x)
          const h = (item: number): Float32Array => values.subarray(item * 3, item * 3 + 3)
          const score = (item: number): number => h(item).reduce((sum, value, k) => sum + value * x[k]!, 0)
          const penalty = 0.1 * (items.length + 0.3 * count) ** 0.5
          for (let k = 0; k < 3; k++) {
            let gradient = penalty * x[k]!
            for (let item = 0; item < count; item++) gradient += 0.3 * score(item) * h(item)[k]!
            items.forEach((item, n) => {
              gradient -= weights[n]! * (1 - score(item)) * h(item)[k]!
            })
            expect(gradient).toBeCloseTo(0, 9)
          }
        },
      ),
    )
  })

  test('a matrix that is no sum of squares is known to be unsolvable', () => {
    const factors = { dimensions: 2, values: Float32Array.of(1, 0, 0, 1) }
    expect(isSolvable(factors, gramOf(factors), PARAMETERS)).toBe(true)
    expect(isSolvable(factors, Float64Array.of(-9, 0, 0, 1), PARAMETERS)).toBe(false)
  })
})

describe('iALS training', () => {
  test('finds two tastes: an item of the own one comes before all of the other', () => {
    const model = modelOf(trained(twoTastes(), PARAMETERS).factors, PARAMETERS)
    for (const taste of ['a', 'b']) {
      const history = [0, 1, 2].map((n) => ({ itemId: `${taste}${n}`, weight: 1 }))
      const best = model.recommend(history, 3).map(({ itemId }) => itemId)
      expect(best.toSorted()).toEqual([`${taste}3`, `${taste}4`, `${taste}5`])
    }
  })

  test('every epoch lowers the loss', () => {
    const matrix = twoTastes()
    const { checkpoints } = trained(matrix, { ...PARAMETERS, epochs: 5 })
    const losses = checkpoints.map(({ itemFactors }) => lossOf(matrix, itemFactors, PARAMETERS))
    expect(losses).toEqual(losses.toSorted((a, b) => b - a))
    expect(losses.at(-1)).toBeLessThan(losses[0]!)
  })

  test('the same seed gives the same factors, another one others', () => {
    const first = trained(twoTastes(), PARAMETERS).factors
    expect(trained(twoTastes(), PARAMETERS).factors).toEqual(first)
    expect(trained(twoTastes(), { ...PARAMETERS, seed: 8 }).factors.values).not.toEqual(first.values)
  })

  test('from each of its checkpoints it ends with the same factors', () => {
    const { factors, checkpoints } = trained(twoTastes(), PARAMETERS)
    expect(checkpoints.map(({ epochs }) => epochs)).toEqual([1, 2, 3, 4, 5])
    for (const checkpoint of checkpoints) {
      expect(trained(twoTastes(), PARAMETERS, checkpoint).factors).toEqual(factors)
    }
  })

  test('yields a growing share of the work, and goes on from where a checkpoint was', () => {
    const parameters = { ...PARAMETERS, dimensions: 90 }
    const { shares, checkpoints } = trained(twoTastes(), parameters)
    expect(shares.length).toBeGreaterThan(parameters.epochs)
    expect(shares).toEqual(shares.toSorted((a, b) => a - b))
    expect(shares.at(-1)).toBeLessThan(1)
    expect(trained(twoTastes(), parameters, checkpoints[2]!).shares[0]).toBeGreaterThan(0.5)
  })

  test('learns nothing from nothing', () => {
    const factors = trained(createInteractionMatrixBuilder().build(), PARAMETERS).factors
    expect(factors).toMatchObject({ itemIds: [], dimensions: 5, values: new Float32Array() })
    expect(modelOf(factors, PARAMETERS).recommend([{ itemId: 'a', weight: 1 }], 3)).toEqual([])
  })
})

describe('factors model', () => {
  const factors = trained(twoTastes(), PARAMETERS).factors
  const model = modelOf(factors, PARAMETERS)
  const history = (...itemIds: string[]) => itemIds.map((itemId) => ({ itemId, weight: 1 }))

  test('says which item of the history has the largest part in the score', () => {
    const [best] = model.recommend(history('b0', 'a0'), 1, (itemId) => itemId.startsWith('a'))
    expect(best?.becauseOf?.()).toBe('a0')
    const [other] = model.recommend(history('b0', 'a0'), 1, (itemId) => itemId.startsWith('b'))
    expect(other?.becauseOf?.()).toBe('b0')
  })

  test('the parts of a history add up to the score', () => {
    const whole = model.recommend(history('a0', 'b1', 'a2'), 100)
    const foldIn = createFoldIn(factors, gramOf(factors), PARAMETERS)
    const items = ['a0', 'b1', 'a2'].map((id) => factors.itemIds.indexOf(id))
    const d = factors.dimensions
    const vector = (item: number) => Float64Array.from(factors.values.subarray(item * d, item * d + d))
    foldIn.place(items, null, new Float64Array(d))
    for (const { itemId, score, becauseOf } of whole) {
      const target = vector(factors.itemIds.indexOf(itemId))
      const parts = items.map((item) => {
        const direction = vector(item)
        foldIn.solve(direction)
        return direction.reduce((sum, value, k) => sum + value * target[k]!, 0)
      })
      expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(score, 9)
      const largest = Math.max(...parts)
      expect(becauseOf?.()).toBe(largest > 0 ? ['a0', 'b1', 'a2'][parts.indexOf(largest)] : null)
    }
  })

  test('an interaction changes the next list, and a heavier one more', () => {
    const before = model.recommend(history('a0'), 3)
    const after = model.recommend(history('b0', 'a0'), 3)
    expect(after).not.toEqual(before)
    const lead = (weight: number): number => {
      const list = model.recommend(
        [
          { itemId: 'b0', weight },
          { itemId: 'a0', weight: 1 },
        ],
        100,
      )
      const best = (taste: string): number => list.find(({ itemId }) => itemId.startsWith(taste))!.score
      return best('b') - best('a')
    }
    expect(lead(9)).toBeGreaterThan(lead(1))
    expect(lead(1)).toBeGreaterThan(lead(0.1))
  })

  test('ranks all items by score then id, without the history, for any history', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(...factors.itemIds), { minLength: 1 }), (itemIds) => {
        const all = withReasons(model.recommend(history(...itemIds), 100))
        expect(all.map(({ itemId }) => itemId).toSorted()).toEqual(
          factors.itemIds.filter((id) => !itemIds.includes(id)),
        )
        expect(all).toEqual(all.toSorted((a, b) => b.score - a.score || (a.itemId < b.itemId ? -1 : 1)))
        expect(withReasons(model.recommend(history(...itemIds), 2))).toEqual(all.slice(0, 2))
      }),
    )
  })

  test('knows nothing for an empty, unknown or weightless history, and nothing within a limit of 0', () => {
    expect(model.recommend([], 10)).toEqual([])
    expect(model.recommend(history('zzz'), 10)).toEqual([])
    expect(model.recommend([{ itemId: 'a0', weight: Number.NaN }], 10)).toEqual([])
    expect(model.recommend(history('a0'), 0)).toEqual([])
  })

  test('asks about no more items than it must', () => {
    const asked: string[] = []
    model.recommend(history('a0'), 1, (itemId) => asked.push(itemId) > 1)
    expect(asked.length).toBe(2)
  })
})

/** What training minimises, with each user at their best place among these item factors. */
function lossOf(matrix: InteractionMatrix, itemFactors: Float64Array, parameters: IalsParameters): number {
  const { dimensions, unobservedWeight, regularization, frequencyExponent } = parameters
  const factors = { dimensions, values: itemFactors }
  const foldIn = createFoldIn(factors, gramOf(factors), parameters)
  const itemCount = matrix.itemIds.length
  const counts = new Float64Array(itemCount)
  let loss = 0
  for (let user = 0; user < matrix.userCount; user++) {
    const had = [...matrix.items.slice(matrix.rowStarts[user], matrix.rowStarts[user + 1])]
    const x = new Float64Array(dimensions)
    foldIn.place(had, null, x)
    const squaredLength = x.reduce((sum, value) => sum + value * value, 0)
    loss += regularization * (had.length + unobservedWeight * itemCount) ** frequencyExponent * squaredLength
    for (let item = 0; item < itemCount; item++) {
      const score = x.reduce((sum, value, k) => sum + value * itemFactors[item * dimensions + k]!, 0)
      loss += unobservedWeight * score * score
      if (!had.includes(item)) continue
      loss += (1 - score) ** 2
      counts[item] = counts[item]! + 1
    }
  }
  for (let item = 0; item < itemCount; item++) {
    const vector = itemFactors.subarray(item * dimensions, (item + 1) * dimensions)
    const squaredLength = vector.reduce((sum, value) => sum + value * value, 0)
    const frequency = counts[item]! + unobservedWeight * matrix.userCount
    loss += regularization * frequency ** frequencyExponent * squaredLength
  }
  return loss
}
