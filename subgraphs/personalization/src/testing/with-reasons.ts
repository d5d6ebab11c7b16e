import type { ModelCandidate } from '../domain/recommendation-model.ts'

/** The candidates with their reasons found, so that they can be compared. */
export function withReasons<Some extends Pick<ModelCandidate, 'becauseOf'>>(candidates: readonly Some[]) {
  return candidates.map((candidate) => ({ ...candidate, becauseOf: candidate.becauseOf?.() ?? null }))
}
