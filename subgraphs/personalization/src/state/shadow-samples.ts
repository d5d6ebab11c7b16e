import type { Serving } from '../domain/pipeline/pipeline.ts'
import type { LoadedModels, Query } from '../domain/pipeline/query.ts'
import { COMPARED_DEPTH } from '../domain/shadow/comparison.ts'

/** A request that was served from the model in production, for models in shadow to be compared with it. */
export type ShadowSample = {
  readonly query: Query
  /** The first items of the list that the slate was made from, best first; never empty. */
  readonly champion: readonly string[]
}

/** Served requests that wait for models in shadow; bounded. */
export type ShadowSamples = {
  /** Keeps a sample of what was served. Takes microseconds, and does nothing while no model is in shadow. */
  offer(serving: Pick<Serving, 'query' | 'ofModel'>): void
  /** The one that waits longest; null where none does. */
  take(): ShadowSample | null
  /** How many there was no room for, since the start. */
  dropped(): number
  /** @param wanted false while no model is in shadow, and nothing waits then */
  setWanted(wanted: boolean): void
}

/** A query is kept as it is, with the user's history, until its turn. */
const MAX_WAITING = 64

/** Digits of a seed that make the number which decides; 16^8 is 2^32. */
const DIGITS = 8

/**
 * @param options.rate the share of requests that is sampled, 0 to 1. The slate's seed decides, so it can be repeated
 */
export function createShadowSamples(options: {
  readonly rate: number
  readonly models: Pick<LoadedModels, 'production'>
}): ShadowSamples {
  const { rate, models } = options
  let waiting: ShadowSample[] = []
  let isWanted = false
  let dropped = 0
  return {
    offer({ query, ofModel }) {
      if (!isWanted || !isSampled(query.seed, rate)) return
      // A model that an experiment pins is not the champion.
      if (ofModel.length === 0 || query.model?.version.id !== models.production()?.version.id) return
      if (waiting.length >= MAX_WAITING) dropped++
      else waiting.push({ query, champion: ofModel.slice(0, COMPARED_DEPTH).map(({ itemId }) => itemId) })
    },
    dropped: () => dropped,
    take: () => waiting.shift() ?? null,
    setWanted(wanted) {
      isWanted = wanted
      if (!wanted) waiting = []
    },
  }
}

function isSampled(seed: string, rate: number): boolean {
  return Number.parseInt(seed.slice(-DIGITS), 16) < rate * 16 ** DIGITS
}
