/** Rows and columns of a block: one and a few rows of another stay in a first-level cache of 32 KB. Even, and a multiple of 4. */
export const BLOCK = 48
const BLOCK_CELLS = BLOCK * BLOCK

/** The block in row I and column J <= I stands at `blockAt(I, J)`. */
export type BlockMatrix = {
  /** Rows of the matrix, without the padding. */
  readonly size: number
  readonly blockRows: number
  /** The lower triangle's blocks, each row by row. */
  readonly blocks: readonly Float64Array[]
}

/**
 * A symmetric matrix as its lower triangle in square blocks, so that the arithmetic stays inside the cache. It is padded
 * to whole blocks: cells beyond `size` are 0, and 1 on the diagonal, which no computation here mixes with the rest.
 */
export function createBlockMatrix(size: number): BlockMatrix {
  const blockRows = Math.ceil(size / BLOCK)
  const count = (blockRows * (blockRows + 1)) / 2
  const matrix = {
    size,
    blockRows,
    blocks: Array.from({ length: count }, () => new Float64Array(BLOCK_CELLS)),
  }
  for (let row = size; row < blockRows * BLOCK; row++) addToCell(matrix, row, row, 1)
  return matrix
}

export function blockAt({ blocks }: BlockMatrix, blockRow: number, blockColumn: number): Float64Array {
  const block = blocks[(blockRow * (blockRow + 1)) / 2 + blockColumn]
  if (block === undefined) throw new RangeError(`there is no block ${blockRow}, ${blockColumn}`)
  return block
}

/** Adds to the cell of row >= column, and so to its mirror image too. */
export function addToCell(matrix: BlockMatrix, row: number, column: number, value: number): void {
  const block = blockAt(matrix, Math.floor(row / BLOCK), Math.floor(column / BLOCK))
  const place = (row % BLOCK) * BLOCK + (column % BLOCK)
  block[place] = (block[place] ?? 0) + value
}

/** Copies row `row` of the whole symmetric matrix into `target`, which has `size` places. */
export function readRow(matrix: BlockMatrix, row: number, target: Float64Array): void {
  const { size, blockRows } = matrix
  const blockRow = Math.floor(row / BLOCK)
  const inBlock = row % BLOCK
  for (let other = 0; other < blockRows; other++) {
    const below = other > blockRow
    const block = below ? blockAt(matrix, other, blockRow) : blockAt(matrix, blockRow, other)
    // Within the diagonal block the lower half stands for both.
    const start = other * BLOCK
    const end = Math.min(size, start + BLOCK)
    for (let column = start; column < end; column++) {
      const place = column - start
      const isMirrored = below || (other === blockRow && place > inBlock)
      target[column] = (isMirrored ? block[place * BLOCK + inBlock] : block[inBlock * BLOCK + place]) ?? 0
    }
  }
}

/**
 * c += factor * a b^T, all of them blocks. Two rows by four columns at a time keep the sums in registers; indices are in
 * range by construction, and a check in here would cost a third of the speed.
 */
export function addProduct(c: Float64Array, a: Float64Array, b: Float64Array, factor: 1 | -1): void {
  for (let i = 0; i < BLOCK; i += 2) {
    const a0 = i * BLOCK
    const a1 = a0 + BLOCK
    for (let j = 0; j < BLOCK; j += 4) {
      const b0 = j * BLOCK
      const b1 = b0 + BLOCK
      const b2 = b1 + BLOCK
      const b3 = b2 + BLOCK
      let s00 = 0
      let s01 = 0
      let s02 = 0
      let s03 = 0
      let s10 = 0
      let s11 = 0
      let s12 = 0
      let s13 = 0
      for (let k = 0; k < BLOCK; k++) {
        const x0 = a[a0 + k] as number
        const x1 = a[a1 + k] as number
        const y0 = b[b0 + k] as number
        s00 += x0 * y0
        s10 += x1 * y0
        const y1 = b[b1 + k] as number
        s01 += x0 * y1
        s11 += x1 * y1
        const y2 = b[b2 + k] as number
        s02 += x0 * y2
        s12 += x1 * y2
        const y3 = b[b3 + k] as number
        s03 += x0 * y3
        s13 += x1 * y3
      }
      c[a0 + j] = (c[a0 + j] as number) + factor * s00
      c[a0 + j + 1] = (c[a0 + j + 1] as number) + factor * s01
      c[a0 + j + 2] = (c[a0 + j + 2] as number) + factor * s02
      c[a0 + j + 3] = (c[a0 + j + 3] as number) + factor * s03
      c[a1 + j] = (c[a1 + j] as number) + factor * s10
      c[a1 + j + 1] = (c[a1 + j + 1] as number) + factor * s11
      c[a1 + j + 2] = (c[a1 + j + 2] as number) + factor * s12
      c[a1 + j + 3] = (c[a1 + j + 3] as number) + factor * s13
    }
  }
}
