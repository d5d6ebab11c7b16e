import { RUNGS, type Rung } from '@bulkhead/contracts'
import type { DegradationCause } from '../slate.ts'
import type { Query } from './query.ts'
import type { Pick } from './selection/selection.ts'
import type { AskedSource } from './sources/ask-sources.ts'

/** The degradation ladder's verdict on a slate. */
export type ServedRung = {
  readonly rung: Rung
  /** Null on the top rung, and only there. */
  readonly cause: DegradationCause | null
  /**
   * True where the slate is not what its parameters ask for, so that no treatment took effect in full. This can be so
   * on the top rung too: where one source of the mix brought nothing, its share of the slate is missing.
   */
  readonly degraded: boolean
}

const [TOP_RUNG] = RUNGS

/**
 * The served rung is the best among the rungs of the sources that brought an item into the slate.
 * @param mixed the sources of the mix; not those that only filled up
 */
export function servedRungOf(
  query: Query,
  picks: readonly Pick[],
  mixed: readonly AskedSource[],
): ServedRung {
  const rung = picks.map(({ source }) => source.rung).reduce(betterRung, 'STATIC')
  const missed = bestAbove(rung, mixed)
  return {
    rung,
    cause: causeOf(query, rung, missed),
    degraded: missed !== null || mixed.some(({ list }) => list.candidates.length === 0),
  }
}

function causeOf(query: Query, rung: Rung, missed: AskedSource | null): DegradationCause | null {
  if (rung === TOP_RUNG) return null
  if (rung === 'STATIC' && query.catalogue.staticItems().length === 0) return 'EMPTY_CATALOGUE'
  // The mix asks for nothing better, and so not for the model either.
  if (missed === null) return 'MODEL_NOT_IN_MIX'
  const { source } = missed.list
  const hasFailed = missed.outcome === 'FAILED' || missed.outcome === 'CUT'
  return source.whyUnavailable(query) ?? (hasFailed ? source.failureCause : 'NO_CANDIDATES')
}

/** The best source of the mix that would have reached a better rung; of equals the one that the mix names first. */
function bestAbove(rung: Rung, mixed: readonly AskedSource[]): AskedSource | null {
  let best: AskedSource | null = null
  for (const asked of mixed) {
    if (isBetter(asked.list.source.rung, best?.list.source.rung ?? rung)) best = asked
  }
  return best
}

function betterRung(a: Rung, b: Rung): Rung {
  return isBetter(b, a) ? b : a
}

function isBetter(a: Rung, b: Rung): boolean {
  return RUNGS.indexOf(a) < RUNGS.indexOf(b)
}
