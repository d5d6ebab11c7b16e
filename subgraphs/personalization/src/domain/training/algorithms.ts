import type { EaseParameters } from '../ease/parameters.ts'
import type { IalsParameters } from '../ials/parameters.ts'
import type { ItemToItemParameters } from '../item-to-item/parameters.ts'

export const ALGORITHMS = ['ease', 'ials', 'item-knn'] as const
export type Algorithm = (typeof ALGORITHMS)[number]

/** What to train, with those parameters that are not to be the default. */
export type TrainingChoice =
  /** EASE where there are few items enough for it, and iALS elsewhere. */
  | { readonly algorithm: 'by-size'; readonly parameters: Pick<Partial<IalsParameters>, 'seed'> }
  | { readonly algorithm: 'ease'; readonly parameters: Partial<EaseParameters> }
  | { readonly algorithm: 'ials'; readonly parameters: Partial<IalsParameters> }
  | { readonly algorithm: 'item-knn'; readonly parameters: Partial<ItemToItemParameters> }

export const CHOSEN_BY_SIZE: TrainingChoice = { algorithm: 'by-size', parameters: {} }
