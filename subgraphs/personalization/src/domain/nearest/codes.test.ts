import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codeProducts, encodeQuery, MAX_CODE_DIMENSIONS, ROWS_AT_ONCE } from './code-products.ts'
import { type Codes, codeWidth, createCodes, encodeGroup, largestCode } from './codes.ts'
import { dotProduct, rowProduct } from './dot-product.ts'

const dimensionsOf = fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constant(MAX_CODE_DIMENSIONS))
const anyNumber = fc.oneof(
  fc.float({ min: -100, max: 100, noNaN: true }),
  fc.constantFrom(0, -0, Math.fround(1e-42), Math.fround(-3e38)),
)

function encode(values: Float32Array, dimensions: number): Codes {
  const count = values.length / dimensions
  const codes = createCodes(count, 1, dimensions)
  encodeGroup(codes, 0, { dimensions, values }, 0, count)
  return codes
}

describe('rows as codes', () => {
  test('are no further from the rows than they say, and half a step from each number', () => {
    const some = dimensionsOf.chain((dimensions) =>
      fc.record({
        dimensions: fc.constant(dimensions),
        numbers: fc.array(anyNumber, { minLength: dimensions, maxLength: 3 * dimensions }),
      }),
    )
    fc.assert(
      fc.property(some, ({ dimensions, numbers }) => {
        const count = Math.floor(numbers.length / dimensions)
        const values = Float32Array.from(numbers.slice(0, count * dimensions))
        const { codes, steps, errors } = encode(values, dimensions)
        const width = codeWidth(dimensions)
        const [step = 0, error = 0] = [steps[0], errors[0]]
        for (let row = 0; row < count; row++) {
          const distances = Array.from({ length: dimensions }, (_, k) =>
            Math.abs((values[row * dimensions + k] ?? 0) - step * (codes[row * width + k] ?? 0)),
          )
          expect(Math.max(...distances)).toBeLessThanOrEqual((step / 2) * (1 + 1e-9))
          expect(Math.hypot(...distances)).toBeLessThanOrEqual(error * (1 + 1e-9))
        }
      }),
    )
  })

  test('have products with a query that are near those of the rows', () => {
    const dimensions = 64
    const values = Float32Array.from({ length: 40 * dimensions }, (_, n) => Math.sin(n * n))
    const query = Float64Array.from({ length: dimensions }, (_, k) => Math.cos(3 * k))
    const { codes, steps, errors } = encode(values, dimensions)
    const encoded = encodeQuery(query)
    const products = codeProducts(codes, 0, 40, codeWidth(dimensions))
    const length = Math.sqrt(dotProduct(query, 0, query, 0, dimensions))
    expect(encoded.error).toBeLessThan(length / 10_000)
    for (let row = 0; row < 40; row++) {
      const exact = rowProduct(query, 0, values, row * dimensions, dimensions)
      const near = (products[row] ?? 0) * encoded.step * (steps[0] ?? 0)
      expect(Math.abs(near - exact)).toBeLessThan(length * (errors[0] ?? 0) + 0.01)
    }
  })
})

test('products of codes are whole and exact, the largest ones included', () => {
  const some = dimensionsOf.chain((dimensions) =>
    fc.record({
      dimensions: fc.constant(dimensions),
      query: fc.array(fc.oneof(fc.integer({ min: -1_000, max: 1_000 }), fc.constantFrom(-1e9, 1e9)), {
        minLength: dimensions,
        maxLength: dimensions,
      }),
      codeOf: fc.constantFrom<(n: number, largest: number) => number>(
        (_, largest) => largest,
        (_, largest) => -largest,
        (n, largest) => ((n * 7_919) % (2 * largest + 1)) - largest,
      ),
      first: fc.nat({ max: 5 }),
      count: fc.integer({ min: 0, max: ROWS_AT_ONCE }),
    }),
  )
  fc.assert(
    fc.property(some, ({ dimensions, query, codeOf, first, count }) => {
      const width = codeWidth(dimensions)
      const codes = Int16Array.from({ length: (first + count) * width }, (_, n) =>
        n % width < dimensions ? codeOf(n, largestCode(width)) : 0,
      )
      const { step } = encodeQuery(Float64Array.from(query))
      const products = codeProducts(codes, first, count, width)
      for (let n = 0; n < count; n++) {
        const row = codes.subarray((first + n) * width, (first + n + 1) * width)
        const exact = query.reduce((sum, value, k) => sum + Math.round(value / step) * (row[k] ?? 0), 0)
        expect(products[n]).toBe(exact)
      }
    }),
  )
})
