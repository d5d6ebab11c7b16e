import type { Clock } from '@bulkhead/service/clock'
import type { PowerAnalysis } from '../../analysis/power-analysis.ts'
import type { InvalidInput } from '../../domain/input-problems.ts'
import type { PowerQuestion } from '../../domain/plan/power-question.ts'
import type { PowerThread } from './power-thread.ts'
import { recentTraffic, type TrafficStore } from './recent-traffic.ts'

export type PowerPlanning =
  | {
      readonly type: 'planned'
      readonly analysis: PowerAnalysis
      /** New units a day that recent traffic brings; null without any. */
      readonly unitsPerDay: number | null
    }
  | InvalidInput

export type PlanningService = {
  /**
   * How many units an experiment needs, and what recent traffic brings.
   * Rejects with DatastoreUnavailableError, and as `PowerThread.analyse` does.
   */
  power(question: PowerQuestion): Promise<PowerPlanning>
}

export function createPlanningService(options: {
  readonly store: TrafficStore
  readonly clock: Clock
  readonly thread: PowerThread
}): PlanningService {
  const { store, clock, thread } = options
  return {
    async power(question) {
      const outcome = await thread.analyse(question)
      if (outcome.type !== 'planned') return outcome
      return { ...outcome, unitsPerDay: await recentTraffic(store, clock.now()) }
    },
  }
}
