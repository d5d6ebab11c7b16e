import type { Rung } from '@bulkhead/contracts'
import type { DegradationCause } from '../slate.ts'
import type { CandidateList } from './candidate.ts'
import type { Query } from './query.ts'
import type { Pick } from './selection/selection.ts'
import type { StageResult } from './stage.ts'

export type Standing = {
  readonly rung: Rung
  /** Null on the top rung, and only there. */
  readonly cause: DegradationCause | null
  /**
   * True where the slate is not what its parameters ask for: no treatment took effect in full. On the top rung too,
   * where another source of the mix brought nothing: a share of the slate is then missing, and no rung says so.
   */
  readonly degraded: boolean
}

/** A source of the mix, once it was asked. */
export type MixedSource = { readonly list: CandidateList; readonly status: StageResult<unknown>['status'] }

/**
 * Where on the ladder a slate stands: on the rung of the best source that really brought an item in.
 * @param mixed what the sources of the mix brought; those that only fill up are not among them
 */
export function standingOf(query: Query, picks: readonly Pick[], mixed: readonly MixedSource[]): Standing {
  const wantsModel = query.parameters.mix.some(({ name }) => name === 'model')
  const modelStage = mixed.find(({ list }) => list.source === 'model')?.status ?? 'skipped'
  if (picks.some(({ source }) => source === 'model')) {
    // A source that failed brings none, either.
    return { rung: 'MODEL', cause: null, degraded: mixed.some(({ list }) => list.candidates.length === 0) }
  }
  if (picks.some(({ source }) => source === 'popular')) {
    const cause = wantsModel ? whyNoModel(query, modelStage) : 'MODEL_NOT_IN_MIX'
    return { rung: 'POPULAR', cause, degraded: wantsModel }
  }
  if (query.catalogue.staticItems().length === 0) {
    return { rung: 'STATIC', cause: 'EMPTY_CATALOGUE', degraded: true }
  }
  const cause = wantsModel ? whyNoModel(query, modelStage) : 'NO_CANDIDATES'
  return { rung: 'STATIC', cause, degraded: true }
}

function whyNoModel({ model, history }: Query, modelStage: StageResult<unknown>['status']): DegradationCause {
  if (model === null) return 'NO_MODEL'
  if (!history.known) return 'HISTORY_UNAVAILABLE'
  if (history.likes.length === 0) return 'COLD_START'
  return modelStage === 'failed' ? 'MODEL_FAILED' : 'NO_CANDIDATES'
}
