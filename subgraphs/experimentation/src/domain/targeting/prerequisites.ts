import { unresolvablePrerequisites } from '@bulkhead/contracts'
import type { Experiment } from '../experiment.ts'
import type { PrerequisiteInUse, PrerequisitesUnresolvable } from '../refusals.ts'
import type { Prerequisite } from './rules.ts'

/**
 * What an experiment needs and cannot have: experiments that are not listed or lack the variants, circles, chains that
 * are too long. Null where everything is there.
 * @param others the other listed experiments, by key
 */
export function findUnresolvable(
  experiment: Experiment,
  others: ReadonlyMap<string, Experiment>,
): PrerequisitesUnresolvable | null {
  const { prerequisites } = experiment
  if (prerequisites.length === 0) return null
  const missing = prerequisites.filter((prerequisite) => !isThere(prerequisite, others))
  if (missing.length > 0) {
    const experimentKeys = missing.map(({ experimentKey }) => experimentKey)
    return { type: 'prerequisites-unresolvable', experimentKeys, problem: 'missing' }
  }
  const all = [...others.values(), experiment].map((one) => ({
    key: one.key,
    prerequisites: one.prerequisites.map(({ experimentKey }) => ({ experimentKey })),
  }))
  // An experiment that needs this one cannot be resolved either, if this one cannot.
  const isUnresolvable = [...unresolvablePrerequisites(all)].some(({ key }) => key === experiment.key)
  if (!isUnresolvable) return null
  const experimentKeys = prerequisites.map(({ experimentKey }) => experimentKey)
  return { type: 'prerequisites-unresolvable', experimentKeys, problem: 'circle-or-chain' }
}

function isThere(
  { experimentKey, variantKeys }: Prerequisite,
  others: ReadonlyMap<string, Experiment>,
): boolean {
  const needed = others.get(experimentKey)
  if (needed === undefined) return false
  return variantKeys === null || variantKeys.every((key) => needed.variants.some((one) => one.key === key))
}

/** The listed experiments that need this one; null where there are none. */
export function findDependents(key: string, others: Iterable<Experiment>): PrerequisiteInUse | null {
  const dependents = [...others].filter(({ prerequisites }) =>
    prerequisites.some(({ experimentKey }) => experimentKey === key),
  )
  if (dependents.length === 0) return null
  return { type: 'prerequisite-in-use', experimentKeys: dependents.map((one) => one.key) }
}
