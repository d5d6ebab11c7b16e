import type { InteractionMatrix } from '../item-to-item/interaction-matrix.ts'
import { itemColumns } from '../item-to-item/item-columns.ts'
import { readRow } from './block-matrix.ts'
import { gramMatrix } from './gram.ts'
import { invertInPlace } from './invert.ts'

const ROWS_PER_STEP = 16
/** Of the inversion, which is the share that is told. */
const ALMOST_DONE = 1 - Number.EPSILON

/**
 * Gives the row B(item, .) of EASE's weights; the array is valid until the next row is asked for. The cell of the item
 * itself is not a weight.
 */
export type WeightRow = (item: number) => Float64Array

/** B(i, j) = -P(i, j) / P(j, j), with P = (X^T X + lambda I)^-1. Yields the share of the inversion that is done. */
export function* primalWeights(
  matrix: InteractionMatrix,
  lambda: number,
): Generator<number, WeightRow, void> {
  const size = matrix.itemIds.length
  const gram = gramMatrix({ starts: matrix.rowStarts, values: matrix.items }, size, lambda)
  let step = gram.next()
  for (; !step.done; step = gram.next()) yield 0
  const inverse = step.value
  yield* invertInPlace(inverse)
  const row = new Float64Array(size)
  const scales = new Float64Array(size)
  for (let item = 0; item < size; item++) {
    if (item % ROWS_PER_STEP === 0) yield ALMOST_DONE
    readRow(inverse, item, row)
    scales[item] = -1 / (row[item] ?? 1)
  }
  return (item) => {
    readRow(inverse, item, row)
    for (let other = 0; other < size; other++) row[other] = (row[other] ?? 0) * (scales[other] ?? 0)
    return row
  }
}

/**
 * The same where users are few: by Woodbury's identity P = (I - X^T M X) / lambda with M = (X X^T + lambda I)^-1, a matrix
 * of users. So B(i, j) = Q(i, j) / (1 - Q(j, j)) with Q = X^T M X, whose rows are made from the users of an item.
 */
export function* dualWeights(matrix: InteractionMatrix, lambda: number): Generator<number, WeightRow, void> {
  const { itemIds, userCount, rowStarts, items } = matrix
  const columns = itemColumns(matrix)
  const gram = gramMatrix({ starts: columns.starts, values: columns.users }, userCount, lambda)
  let step = gram.next()
  for (; !step.done; step = gram.next()) yield 0
  const inverse = step.value
  yield* invertInPlace(inverse)
  const userRow = new Float64Array(userCount)
  const userSums = new Float64Array(userCount)
  const row = new Float64Array(itemIds.length)
  const scales = new Float64Array(itemIds.length)

  /** M x(item), x(item) being who had the item. */
  function sumUsers(item: number): void {
    userSums.fill(0)
    const end = columns.starts[item + 1] ?? 0
    for (let n = columns.starts[item] ?? 0; n < end; n++) {
      readRow(inverse, columns.users[n] ?? 0, userRow)
      for (let user = 0; user < userCount; user++) {
        userSums[user] = (userSums[user] ?? 0) + (userRow[user] ?? 0)
      }
    }
  }

  for (let item = 0; item < itemIds.length; item++) {
    if (item % ROWS_PER_STEP === 0) yield ALMOST_DONE
    sumUsers(item)
    let own = 0
    const end = columns.starts[item + 1] ?? 0
    for (let n = columns.starts[item] ?? 0; n < end; n++) own += userSums[columns.users[n] ?? 0] ?? 0
    scales[item] = 1 / (1 - own)
  }
  return (item) => {
    sumUsers(item)
    row.fill(0)
    for (let user = 0; user < userCount; user++) {
      const sum = userSums[user] ?? 0
      const end = rowStarts[user + 1] ?? 0
      for (let n = rowStarts[user] ?? 0; n < end; n++) {
        const other = items[n] ?? 0
        row[other] = (row[other] ?? 0) + sum
      }
    }
    for (let other = 0; other < row.length; other++) row[other] = (row[other] ?? 0) * (scales[other] ?? 0)
    return row
  }
}
