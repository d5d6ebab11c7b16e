import { dotProduct } from './dot-product.ts'
import type { Rows } from './k-means.ts'

/**
 * Rows as whole numbers (scalar quantization): a product of codes takes a fraction of an exact one, and tells which rows are
 * worth that. Codes stand for multiples of a step, which a group of rows shares.
 */
export type Codes = {
  /** Row by row, `codeWidth` of each; those after the dimensions are 0. */
  readonly codes: Int16Array
  /** By group: what its codes are multiples of, above 0. */
  readonly steps: Float64Array
  /** By group: the largest distance of a row from what its codes stand for. */
  readonly errors: Float64Array
}

/** Codes that the kernel reads at once, see `code-products-kernel.ts`. */
const CODES_AT_ONCE = 16

/** How many codes a row has. */
export function codeWidth(dimensions: number): number {
  return Math.ceil(dimensions / CODES_AT_ONCE) * CODES_AT_ONCE
}

/** So large that a sum of as many products is less than 2^31. */
export function largestCode(width: number): number {
  return Math.floor(Math.sqrt((2 ** 31 - 1) / width))
}

export function createCodes(rows: number, groups: number, dimensions: number): Codes {
  return {
    codes: new Int16Array(rows * codeWidth(dimensions)),
    steps: new Float64Array(groups),
    errors: new Float64Array(groups),
  }
}

/** Writes the codes of a group, which is the rows from `first` up to, and without, `end`. */
export function encodeGroup(
  { codes, steps, errors }: Codes,
  group: number,
  { dimensions, values }: Rows,
  first: number,
  end: number,
): void {
  const width = codeWidth(dimensions)
  const step = largestOf(values.subarray(first * dimensions, end * dimensions)) / largestCode(width) || 1
  const residual = new Float64Array(dimensions)
  let error = 0
  for (let row = first; row < end; row++) {
    for (let k = 0; k < dimensions; k++) {
      const value = values[row * dimensions + k] as number
      const code = Math.round(value / step)
      codes[row * width + k] = code
      residual[k] = value - step * code
    }
    error = Math.max(error, Math.sqrt(dotProduct(residual, 0, residual, 0, dimensions)))
  }
  steps[group] = step
  errors[group] = error
}

/** The largest absolute value; 0 of none. */
export function largestOf(values: Float32Array | Float64Array): number {
  let largest = 0
  for (const value of values) largest = Math.max(largest, Math.abs(value))
  return largest
}
