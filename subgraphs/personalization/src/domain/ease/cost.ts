import type { InteractionMatrix } from '../item-to-item/interaction-matrix.ts'

/** How the weights are computed, and the multiplications that it takes, roughly. */
export type EaseCost = {
  /** `primal` inverts a matrix of items, `dual` one of users. */
  readonly way: 'primal' | 'dual'
  /** Rows of that matrix. It takes 4 bytes times its square. */
  readonly side: number
  readonly inversion: number
  readonly rows: number
}

/** The cheaper of the two ways. */
export function cheapestWay({ itemIds, userCount, items }: InteractionMatrix): EaseCost {
  const itemCount = itemIds.length
  const pairs = items.length
  const primal: EaseCost = {
    way: 'primal',
    side: itemCount,
    inversion: itemCount ** 3 / 2,
    rows: itemCount ** 2,
  }
  const dual: EaseCost = {
    way: 'dual',
    side: userCount,
    inversion: userCount ** 3 / 2,
    rows: pairs * (userCount + itemCount),
  }
  return dual.inversion + dual.rows < primal.inversion + primal.rows ? dual : primal
}
