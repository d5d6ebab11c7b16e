import type { VerdictKind } from '../analysis/verdict.ts'
import type { DecisionQuery, ExperimentationStore } from '../datastore/port.ts'
import type { Experiment } from '../domain/experiment.ts'
import { readRecorded } from './analyses/recorded-analysis.ts'

export type LearningRate = {
  /** Experiments whose decision became final, and was made in the period. */
  readonly concluded: number
  readonly withLearning: number
}

export type LearningService = {
  /**
   * How many concluded experiments ended in a valid learning: their decision rests on a stored analysis that recommends
   * SHIP or ROLLBACK, or ITERATE, which it does only once the planned sample is there. CONTINUE has too few units to tell,
   * INVALID has failed a health check, and a decision that names no analysis shows nothing. What the person decided does not
   * matter. This is Spotify's "experiments with learning": valid, and shipped, stopped by a regression, or neutral with
   * enough power.
   *
   * Reads every decision of the period. Rejects with DatastoreUnavailableError.
   * @param period.from epoch milliseconds, inclusive; `to` is exclusive
   */
  rate(period: { readonly from: number; readonly to: number }): Promise<LearningRate>
}

const LEARNING: readonly VerdictKind[] = ['SHIP', 'ROLLBACK', 'ITERATE']
const EXPERIMENTS_PER_READ = 100

export function createLearningService(options: {
  readonly store: Pick<ExperimentationStore, 'findDecided' | 'findAnalyses'>
}): LearningService {
  const { store } = options

  async function countLearnings(experiments: readonly Experiment[]): Promise<number> {
    const named = experiments.flatMap(({ decision }) => decision?.analysis?.id ?? [])
    if (named.length === 0) return 0
    const { byId } = await store.findAnalyses({ ids: [...new Set(named)], newest: [] })
    return named.filter((id) => {
      const analysis = byId.get(id)
      return analysis !== undefined && LEARNING.includes(readRecorded(analysis).verdict.recommendation)
    }).length
  }

  return {
    async rate({ from, to }) {
      const filter = { decidedAfter: from - 1, decidedBefore: to }
      let concluded = 0
      let withLearning = 0
      for (let after: DecisionQuery['after'] = null; ; ) {
        const { experiments, hasMore } = await store.findDecided({
          filter,
          limit: EXPERIMENTS_PER_READ,
          after,
        })
        const final = experiments.filter(({ decision }) => decision?.signed != null)
        concluded += final.length
        withLearning += await countLearnings(final)
        const last = experiments.at(-1)
        if (!hasMore || last?.decision == null) return { concluded, withLearning }
        after = { decidedAt: last.decision.decidedAt, key: last.key }
      }
    },
  }
}
