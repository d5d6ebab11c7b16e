import type { CandidateLog } from '../../domain/off-policy/candidate-log.ts'
import { NO_RERANKING } from '../../domain/pipeline/assignment/serving-parameters.ts'

export function sampleCandidateLog(overrides: Partial<CandidateLog> = {}): CandidateLog {
  return {
    size: 2,
    parameters: { ...NO_RERANKING, maxPerCreator: null, epsilon: 0.1 },
    taste: [['Jazz.$x', 0.1 + 0.2]],
    lists: [
      {
        source: 'model',
        weight: 1,
        candidates: ['i1', 'Ünï 💿'].map((itemId, rank) => ({
          itemId,
          score: 1 / (rank + 3),
          creator: rank === 0 ? 'c1' : null,
          group: null,
          categories: ['jazz'],
        })),
      },
    ],
    ...overrides,
  }
}
