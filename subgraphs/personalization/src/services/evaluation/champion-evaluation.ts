import { canonicalHash } from '@bulkhead/contracts'
import type { Clock } from '@bulkhead/service/clock'
import type { PersonalizationStore } from '../../datastore/port.ts'
import { DEFAULT_GATES, type Gates } from '../../domain/model-path/gates.ts'
import type { ModelEvaluation } from '../../domain/model-path/model-evaluation.ts'
import { offlineProblems } from '../../domain/model-path/offline-gate.ts'
import { EvaluationRefusedError } from './evaluation-refused-error.ts'
import type { EvaluationRequest, EvaluationService } from './evaluation-service.ts'

/** What is popular stands in for the champion of a deployment that has none. */
const NO_CHAMPION = 'popular'

export type ChampionEvaluation = {
  readonly evaluation: ModelEvaluation
  /** What is missing for EVALUATED, each in a sentence. */
  readonly missing: readonly string[]
}

/**
 * Compares a stored version with the one in PRODUCTION on what their users chose after both were trained, and keeps the
 * result as the evaluation of the version, durable when it resolves.
 * @throws EvaluationRefusedError as comparing does, for the version in PRODUCTION itself, and for any split but a temporal one
 */
export async function evaluateAgainstChampion(
  versionId: string,
  request: Omit<EvaluationRequest, 'onList'>,
  options: {
    readonly store: Pick<PersonalizationStore, 'productionModelVersion' | 'addModelEvaluation'>
    readonly evaluations: Pick<EvaluationService, 'compare'>
    readonly clock: Clock
    readonly gates?: Gates
  },
): Promise<ChampionEvaluation> {
  const { store, evaluations, clock, gates = DEFAULT_GATES } = options
  const championId = (await store.productionModelVersion())?.id ?? null
  if (championId === versionId) {
    throw new EvaluationRefusedError(
      'IS_CHAMPION',
      `${versionId} is in PRODUCTION: there is nothing to compare it with; leave --record away to measure it alone`,
    )
  }
  if (request.split.kind !== 'temporal') {
    throw new EvaluationRefusedError(
      'NOT_TEMPORAL',
      'only what users chose after both models were trained counts: leave --test and --split away',
    )
  }
  const times: number[] = []
  const report = await evaluations.compare([championId ?? NO_CHAMPION, versionId], {
    ...request,
    onList(model, ms) {
      if (model === versionId) times.push(ms)
    },
  })
  const evaluation: ModelEvaluation = {
    hash: canonicalHash(report),
    createdAt: clock.now(),
    championId,
    report,
    latencyP99Ms: percentile(times, 0.99),
  }
  await store.addModelEvaluation(versionId, evaluation)
  return { evaluation, missing: offlineProblems(evaluation, { championId, gates }) }
}

/** The nearest rank; 0 for no values. */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}
