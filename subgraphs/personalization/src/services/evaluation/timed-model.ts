import { threadCpuMs } from '@bulkhead/threads/thread-cpu'
import type { RecommendationModel } from '../../domain/recommendation-model.ts'

/** A model that tells how much CPU time each list took, milliseconds: a busy machine must not count against it. */
export function timedModel(model: RecommendationModel, onList: (ms: number) => void): RecommendationModel {
  return {
    ...model,
    recommend(history, limit, isEligible) {
      const start = threadCpuMs()
      const list = model.recommend(history, limit, isEligible)
      onList(threadCpuMs() - start)
      return list
    },
  }
}
