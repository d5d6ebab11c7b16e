import { PRODUCTS_KERNEL } from './code-products-kernel.ts'
import { codeWidth, largestCode, largestOf } from './codes.ts'

/** What is used of it: its types come with those of the browser, which this is not. */
declare const WebAssembly: {
  Memory: new (pages: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer }
  Module: new (bytes: Uint8Array) => object
  Instance: new (
    module: object,
    imports: Readonly<Record<string, object>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> }
}

/** Upper bound on the rows of one call. */
export const ROWS_AT_ONCE = 256

/** The longest rows that there is room for. */
export const MAX_CODE_DIMENSIONS = 512

/** What the codes of a query are multiples of, and its distance from what they stand for. */
export type EncodedQuery = { readonly step: number; readonly error: number }

type Kernel = {
  readonly query: Int16Array
  readonly rows: Int16Array
  readonly products: Int32Array
  /** Writes the products of the query with the first `count` rows. */
  multiply(count: number, width: number): void
}

/** One for all models of a thread: products are computed synchronously, and WebAssembly memory reserves much address space. */
let kernel: Kernel | null = null

/**
 * Makes what products need, so that a model that cannot be searched here is not loaded.
 * @throws {RangeError} for rows that are longer than there is room for, or without memory for WebAssembly
 */
export function prepareProducts(dimensions: number): void {
  if (dimensions > MAX_CODE_DIMENSIONS) {
    throw new RangeError(`rows of ${dimensions} numbers have no codes, at most ${MAX_CODE_DIMENSIONS} may be`)
  }
  kernel ??= createKernel()
}

/** Makes a query the one that `codeProducts` multiplies rows with. */
export function encodeQuery(query: Float64Array): EncodedQuery {
  kernel ??= createKernel()
  const step = largestOf(query) / largestCode(codeWidth(query.length)) || 1
  let squares = 0
  for (let k = 0; k < query.length; k++) {
    const value = query[k] as number
    const code = Math.round(value / step)
    kernel.query[k] = code
    squares += (value - step * code) ** 2
  }
  return { step, error: Math.sqrt(squares) }
}

/**
 * The products of the query's codes with those of `count` rows in a row, at most `ROWS_AT_ONCE`. A WebAssembly function
 * multiplies 8 numbers with one instruction, which JavaScript cannot ask for.
 *
 * @param first the first of the rows
 * @returns by row, counted from `first`; good until the next call
 */
export function codeProducts(codes: Int16Array, first: number, count: number, width: number): Int32Array {
  kernel ??= createKernel()
  if (count > 0) {
    kernel.rows.set(codes.subarray(first * width, (first + count) * width))
    kernel.multiply(count, width)
  }
  return kernel.products
}

function createKernel(): Kernel {
  const pages = 5
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
  const { buffer } = memory
  const query = new Int16Array(buffer, 0, MAX_CODE_DIMENSIONS)
  const products = new Int32Array(buffer, query.byteLength, ROWS_AT_ONCE)
  const rows = new Int16Array(
    buffer,
    query.byteLength + products.byteLength,
    ROWS_AT_ONCE * MAX_CODE_DIMENSIONS,
  )
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(PRODUCTS_KERNEL), {
    bulkhead: { memory },
  })
  const multiply = exports.multiply as (rows: number, count: number, width: number, target: number) => void
  return {
    query,
    rows,
    products,
    multiply: (count, width) => multiply(rows.byteOffset, count, width, products.byteOffset),
  }
}
