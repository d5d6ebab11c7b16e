import type { ModelCandidate } from '../domain/recommendation-model.ts'

/**
 * The candidates with their reasons found, so that they can be compared; without their places, which are others where the
 * same model has its items in another order.
 */
export function withReasons<Some extends Pick<ModelCandidate, 'becauseOf' | 'place'>>(
  candidates: readonly Some[],
) {
  return candidates.map(({ place: _, ...candidate }) => ({
    ...candidate,
    becauseOf: candidate.becauseOf?.() ?? null,
  }))
}
