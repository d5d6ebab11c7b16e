export type EaseParameters = {
  /** L2 penalty on the weights, above 0: the higher, the less rare items are trusted. */
  readonly lambda: number
  /** Upper bound on weights per item; those furthest from 0 are kept, negative ones included. */
  readonly neighbours: number
}

/** The lambda of the published figures (see `published-figures.test.ts`). 200 weights of each item keep 99 % of the precision. */
export const DEFAULT_EASE: EaseParameters = { lambda: 458, neighbours: 200 }

/** Raise the number when the computation or the artefact changes. */
export const EASE_CODE_VERSION = 'ease/1'

/** As `describeAlgorithm` of item-to-item. */
export function describeEase({ lambda, neighbours }: EaseParameters): string {
  return `${EASE_CODE_VERSION} (lambda=${lambda}, neighbours=${neighbours})`
}
