import { type ConflictCandidate, conflictingParameters } from '@bulkhead/contracts'
import type { Experiment } from './experiment.ts'
import type { ParameterConflicts } from './refusals.ts'

/**
 * What keeps an experiment from assigning beside the others that the snapshot lists. PAUSED ones count, since they
 * may resume at any time, and STOPPED ones, since they keep their units' experience.
 * @param others the listed experiments; the experiment itself among them is left out
 * @returns null where nothing clashes
 */
export function findParameterConflicts(
  experiment: Experiment,
  others: readonly Experiment[],
): ParameterConflicts | null {
  const candidate = toCandidate(experiment)
  const conflicts = others
    .filter((other) => other.key !== experiment.key)
    .map((other) => ({
      experimentKey: other.key,
      parameters: conflictingParameters(candidate, toCandidate(other)),
    }))
    .filter(({ parameters }) => parameters.length > 0)
  return conflicts.length === 0 ? null : { type: 'parameter-conflicts', conflicts }
}

function toCandidate({ unitType, surfaces, variants }: Experiment): ConflictCandidate {
  return { unitType, surfaces, layer: null, variants }
}
