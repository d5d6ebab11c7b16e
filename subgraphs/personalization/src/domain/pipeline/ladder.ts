import type { Rung } from '@bulkhead/contracts'
import type { DegradationCause } from '../slate.ts'
import type { Query } from './query.ts'
import type { Pick } from './selection.ts'
import type { StageResult } from './stage.ts'

export type Standing = {
  readonly rung: Rung
  /** Null on the top rung, and only there. */
  readonly cause: DegradationCause | null
  /** True where the slate stands lower than its parameters ask for: no treatment took effect. */
  readonly degraded: boolean
}

/** Where on the ladder a slate stands: on the rung of the best source that really brought an item in. */
export function standingOf(
  query: Query,
  picks: readonly Pick[],
  modelStage: StageResult<unknown>['status'],
): Standing {
  const wantsModel = query.parameters.mix.some(({ name }) => name === 'model')
  if (picks.some(({ source }) => source === 'model')) return { rung: 'MODEL', cause: null, degraded: false }
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
