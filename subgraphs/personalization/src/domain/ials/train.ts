import type { InteractionMatrix } from '../item-to-item/interaction-matrix.ts'
import { itemColumns } from '../item-to-item/item-columns.ts'
import { dotProduct } from '../nearest/dot-product.ts'
import { createSeededRandom } from '../pipeline/selection/seeded-random.ts'
import { createFoldIn, type Factors, gramOf } from './fold-in.ts'
import type { IalsParameters } from './parameters.ts'

/** Multiplications between two yields: a few milliseconds. */
const WORK_PER_STEP = 2_000_000

/**
 * A tenth of the length of the random vectors that training begins with. Where even the longest factor is shorter, nothing was
 * learnt.
 */
const COLLAPSED_LENGTH = 0.01

/** The penalty has drawn all factors to 0, so that they recommend nothing. */
export class CollapsedFactorsError extends Error {
  override readonly name = 'CollapsedFactorsError'

  constructor({ itemIds, userCount, items }: InteractionMatrix, { regularization }: IalsParameters) {
    super(
      `with a regularization of ${regularization}, ${items.length} interactions are too few for ${itemIds.length} items and ` +
        `${userCount} users: all factors went to 0. Train with less, for example \`--algorithm ials --regularization ` +
        `${Number((regularization / 10).toPrecision(3))}\``,
    )
  }
}

/** What training can go on from: everything that the next epoch depends on. */
export type IalsCheckpoint = {
  readonly epochs: number
  /** Item factors after as many epochs, `dimensions` of each item in the order of the matrix. */
  readonly itemFactors: Float64Array
}

export type IalsStep = {
  /** Share of the work, in [0, 1). */
  readonly done: number
  /** After each epoch but the last; null at other steps. Its array must not be changed. */
  readonly checkpoint: IalsCheckpoint | null
}

/** Vectors of items, `dimensions` numbers each, in the order of `itemIds`. */
export type ItemFactors = {
  readonly itemIds: readonly string[]
  readonly dimensions: number
  readonly values: Float32Array
}

/**
 * iALS, matrix factorization of implicit feedback by alternating least squares (Hu, Koren and Volinsky 2008), with the
 * loss, the frequency-scaled regularization and the first factors of Rendle et al. 2021 ("Revisiting the Performance of
 * iALS on Item Recommendation Benchmarks"). Every epoch places each user among the item factors (see `FoldIn`), and then
 * each item among the user factors. Only the items' factors are kept: a user is placed when they are served.
 *
 * The same matrix, parameters and seed give the same factors, whether it goes on from a checkpoint or not. An epoch takes
 * d^2 / 2 multiplications for each interaction, twice, and d^3 / 6 for each user and item; memory is d x 8 bytes of each.
 * @throws CollapsedFactorsError
 */
export function* trainIals(
  matrix: InteractionMatrix,
  parameters: IalsParameters,
  checkpoint: IalsCheckpoint | null = null,
): Generator<IalsStep, ItemFactors, void> {
  const { dimensions, epochs } = parameters
  const { itemIds, userCount } = matrix
  const columns = itemColumns(matrix)
  const users: Factors = { dimensions, values: new Float64Array(userCount * dimensions) }
  const items = { dimensions, values: new Float64Array(itemIds.length * dimensions) }
  if (checkpoint === null) fillRandomly(items.values, parameters)
  else items.values.set(checkpoint.itemFactors)
  const rowWork = (count: number): number => count * dimensions ** 2 * 0.5 + dimensions ** 3 / 6
  const total =
    epochs *
    (2 * matrix.items.length * dimensions ** 2 * 0.5 + ((userCount + itemIds.length) * dimensions ** 3) / 6)
  let work = (total * (checkpoint?.epochs ?? 0)) / Math.max(1, epochs)

  function* placeAll(
    lists: { readonly starts: Uint32Array; readonly values: Uint32Array },
    among: Factors,
    targets: Factors,
  ): Generator<IalsStep, void, void> {
    const foldIn = createFoldIn(among, gramOf(among), parameters)
    const target = new Float64Array(dimensions)
    let sinceYield = 0
    for (let row = 0; row + 1 < lists.starts.length; row++) {
      const had = lists.values.subarray(lists.starts[row], lists.starts[row + 1])
      foldIn.place(had, null, target)
      targets.values.set(target, row * dimensions)
      sinceYield += rowWork(had.length)
      if (sinceYield < WORK_PER_STEP) continue
      work += sinceYield
      sinceYield = 0
      yield { done: Math.min(work / total, 1 - Number.EPSILON), checkpoint: null }
    }
    work += sinceYield
  }

  for (let epoch = checkpoint?.epochs ?? 0; epoch < epochs; epoch++) {
    yield* placeAll({ starts: matrix.rowStarts, values: matrix.items }, items, users)
    yield* placeAll({ starts: columns.starts, values: columns.users }, users, items)
    if (epoch + 1 < epochs) {
      const done = Math.min(work / total, 1 - Number.EPSILON)
      yield { done, checkpoint: { epochs: epoch + 1, itemFactors: items.values } }
    }
  }
  if (itemIds.length > 0 && longestOf(items) < COLLAPSED_LENGTH)
    throw new CollapsedFactorsError(matrix, parameters)
  return { itemIds, dimensions, values: Float32Array.from(items.values) }
}

function longestOf({ dimensions, values }: Factors): number {
  let longest = 0
  for (let at = 0; at < values.length; at += dimensions) {
    longest = Math.max(longest, dotProduct(values, at, values, at, dimensions))
  }
  return Math.sqrt(longest)
}

/** Uniform around 0 with a standard deviation of 0.1 / sqrt(d), so that the vectors' lengths do not depend on d. */
function fillRandomly(values: Float64Array, { dimensions, seed }: IalsParameters): void {
  const random = createSeededRandom(seed.toString(16).padStart(32, '0'))
  const width = (0.1 / Math.sqrt(dimensions)) * Math.sqrt(12)
  for (let place = 0; place < values.length; place++) values[place] = (random() - 0.5) * width
}
