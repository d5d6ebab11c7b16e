import { type ConflictCandidate, conflictingParameters } from '@bulkhead/contracts'
import type { Experiment } from './experiment.ts'
import type { ParameterConflicts } from './refusals.ts'
import { LAYER_HASH_VERSION } from './targeting/layer-ranges.ts'

/**
 * The listed experiments that set a parameter which this experiment sets too, for the same units. PAUSED ones count,
 * because they may resume at any time, and STOPPED ones, because their units keep their variants.
 * @param others the listed experiments; the experiment itself is ignored
 * @returns null if there is no conflict
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

function toCandidate({ unitType, surfaces, layer, variants }: Experiment): ConflictCandidate {
  const published = layer === null ? null : { ...layer, hashVersion: LAYER_HASH_VERSION }
  return { unitType, surfaces, layer: published, variants }
}
