import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runSteps } from '../../testing/run-steps.ts'
import { createInteractionMatrixBuilder, type InteractionMatrix } from '../item-to-item/interaction-matrix.ts'
import type { NeighbourLists } from '../item-to-item/train.ts'
import { addToCell, BLOCK, createBlockMatrix, readRow } from './block-matrix.ts'
import { cheapestWay } from './cost.ts'
import { invertInPlace } from './invert.ts'
import type { EaseParameters } from './parameters.ts'
import { trainEase } from './train.ts'
import { dualWeights, primalWeights } from './weight-rows.ts'

function matrixOf(rows: readonly (readonly string[])[]): InteractionMatrix {
  const builder = createInteractionMatrixBuilder()
  rows.forEach((row, user) => {
    for (const item of row) builder.add(`u${user}`, item)
  })
  return builder.build()
}

function trained(rows: readonly (readonly string[])[], parameters: EaseParameters): NeighbourLists {
  return runSteps(trainEase(matrixOf(rows), parameters))
}

function neighboursOf(lists: NeighbourLists, itemId: string): [string, number][] {
  const item = lists.itemIds.indexOf(itemId)
  return Array.from(lists.neighbours.slice(lists.starts[item], lists.starts[item + 1]), (other, n) => [
    lists.itemIds[other]!,
    lists.similarities[lists.starts[item]! + n]!,
  ])
}

function rowsArbitrary(users: number, items: number): fc.Arbitrary<string[][]> {
  const item = fc.nat(items - 1).map((n) => `i${n}`)
  return fc.array(fc.uniqueArray(item, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: users })
}

const lambdaArbitrary = fc.constantFrom(0.5, 3, 100)

describe('inversion in blocks', () => {
  test.each([1, 7, BLOCK, BLOCK + 1, 3 * BLOCK - 5])(
    'a matrix of %i rows times its inverse is the identity',
    (size) => {
      const full = Array.from({ length: size }, () => new Float64Array(size))
      const matrix = createBlockMatrix(size)
      for (let row = 0; row < size; row++) {
        for (let column = 0; column <= row; column++) {
          const value = row === column ? size + 1 : Math.sin(row * 31 + column * 17)
          addToCell(matrix, row, column, value)
          full[row]![column] = value
          full[column]![row] = value
        }
      }
      const shares = [...invertInPlace(matrix)]
      expect(shares).toEqual(shares.toSorted((a, b) => a - b))
      const inverse = Array.from({ length: size }, (_, row) => {
        const cells = new Float64Array(size)
        readRow(matrix, row, cells)
        return cells
      })
      let largestError = 0
      for (let row = 0; row < size; row++) {
        for (let column = 0; column < size; column++) {
          const product = full[row]!.reduce((sum, cell, k) => sum + cell * inverse[k]![column]!, 0)
          largestError = Math.max(largestError, Math.abs(product - (row === column ? 1 : 0)))
        }
      }
      expect(largestError).toBeLessThan(1e-12)
    },
  )

  test('what is not positive definite is refused', () => {
    const matrix = createBlockMatrix(2)
    for (const [row, column, value] of [
      [0, 0, 1],
      [1, 0, 2],
      [1, 1, 1],
    ] as const)
      addToCell(matrix, row, column, value)
    expect(() => [...invertInPlace(matrix)]).toThrow(RangeError)
  })
})

describe('EASE', () => {
  test('equals the closed form by hand for two items', () => {
    // X^T X + lambda I = [[3, 1], [1, 2]], whose inverse is [[2, -1], [-1, 3]] / 5.
    const lists = trained([['a', 'b'], ['a']], { lambda: 1, neighbours: 10 })
    expect(neighboursOf(lists, 'a')).toEqual([['b', Math.fround(1 / 3)]])
    expect(neighboursOf(lists, 'b')).toEqual([['a', Math.fround(1 / 2)]])
  })

  test('is where the gradient of its loss is 0 off the diagonal, by both ways, for any data', () => {
    fc.assert(
      fc.property(rowsArbitrary(12, 10), lambdaArbitrary, (rows, lambda) => {
        const matrix = matrixOf(rows)
        const { itemIds } = matrix
        for (const weights of [primalWeights(matrix, lambda), dualWeights(matrix, lambda)]) {
          const weightRow = runSteps(weights)
          const b = itemIds.map((_, item) =>
            weightRow(item).map((cell, other) => (other === item ? 0 : cell)),
          )
          // d/dB(i, j) of |X - X B|^2 + lambda |B|^2 is -2 X_i^T (X_j - X B_j) + 2 lambda B(i, j).
          for (const [i, idI] of itemIds.entries()) {
            for (const [j, idJ] of itemIds.entries()) {
              if (i === j) continue
              let gradient = lambda * b[i]![j]!
              for (const row of rows) {
                if (!row.includes(idI)) continue
                const predicted = row.reduce((sum, id) => sum + b[itemIds.indexOf(id)]![j]!, 0)
                gradient -= (row.includes(idJ) ? 1 : 0) - predicted
              }
              expect(gradient).toBeCloseTo(0, 8)
            }
          }
        }
      }),
      { numRuns: 50 },
    )
  })

  test('keeps the weights furthest from 0, negative ones included, furthest first', () => {
    fc.assert(
      fc.property(rowsArbitrary(20, 12), fc.integer({ min: 1, max: 12 }), (rows, neighbours) => {
        const whole = trained(rows, { lambda: 2, neighbours: 100 })
        const cut = trained(rows, { lambda: 2, neighbours })
        for (const itemId of whole.itemIds) {
          const expected = neighboursOf(whole, itemId).toSorted(
            (a, b) => Math.abs(b[1]) - Math.abs(a[1]) || (a[0] < b[0] ? -1 : 1),
          )
          expect(neighboursOf(whole, itemId)).toEqual(expected)
          expect(neighboursOf(cut, itemId)).toEqual(expected.slice(0, neighbours))
        }
      }),
    )
  })

  test('counts negative weights: what is had instead of an item speaks against it', () => {
    const rows = [...Array(6).fill(['tea', 'cup']), ...Array(6).fill(['coffee', 'cup'])]
    const [, weight] = neighboursOf(trained(rows, { lambda: 1, neighbours: 2 }), 'tea').find(
      ([id]) => id === 'coffee',
    )!
    expect(weight).toBeLessThan(0)
  })

  test('is computed from the users where they are fewer than the items', () => {
    const few = matrixOf([Array.from({ length: 40 }, (_, n) => `i${n}`)])
    const many = matrixOf(Array.from({ length: 40 }, (_, n) => [`i${n % 2}`]))
    expect(cheapestWay(few)).toMatchObject({ way: 'dual', side: 1 })
    expect(cheapestWay(many)).toMatchObject({ way: 'primal', side: 2 })
  })

  test('yields a growing share of the work, so that others can run in between', () => {
    const rows = Array.from({ length: 300 }, (_, user) => [
      `i${user}`,
      `i${(user * 7) % 300}`,
      `i${(user * 11) % 300}`,
    ])
    const shares = [...trainEase(matrixOf(rows), { lambda: 10, neighbours: 20 })]
    expect(shares.length).toBeGreaterThan(10)
    expect(shares).toEqual(shares.toSorted((a, b) => a - b))
    expect(shares.at(-1)).toBeLessThan(1)
  })

  test('learns nothing from nothing', () => {
    expect(trained([], { lambda: 1, neighbours: 10 })).toMatchObject({
      itemIds: [],
      starts: Uint32Array.of(0),
    })
  })
})
