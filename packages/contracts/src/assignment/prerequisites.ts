import type { SnapshotExperiment } from './assignment-snapshot.ts'

/** Upper bound on prerequisites that need each other one after the other. */
export const MAX_PREREQUISITE_CHAIN = 16

type WithPrerequisites = Pick<SnapshotExperiment, 'key' | 'prerequisites'>

/**
 * The experiments whose prerequisites cannot be decided, because one of them is not there, needs the experiment itself, or
 * ends a chain longer than `MAX_PREREQUISITE_CHAIN`. For whoever writes an experiment; the evaluator answers UNSUPPORTED.
 *
 * A key that is there twice resolves nothing. Goes through the experiments level by level, those without prerequisites
 * first, and returns those that it never reaches.
 */
export function unresolvablePrerequisites<T extends WithPrerequisites>(experiments: readonly T[]): Set<T> {
  const dependents = new Map<string, T[]>()
  const waitsFor = new Map<T, number>()
  let level: T[] = []
  for (const experiment of experiments) {
    const keys = new Set(experiment.prerequisites?.map(({ experimentKey }) => experimentKey))
    if (keys.size === 0) level.push(experiment)
    else waitsFor.set(experiment, keys.size)
    for (const key of keys) {
      const known = dependents.get(key)
      if (known === undefined) dependents.set(key, [experiment])
      else known.push(experiment)
    }
  }

  const repeated = repeatedKeys(experiments)
  level = level.filter(({ key }) => !repeated.has(key))
  const unresolved = new Set(waitsFor.keys())
  for (let length = 1; length <= MAX_PREREQUISITE_CHAIN && level.length > 0; length++) {
    const next: T[] = []
    for (const { key } of level) {
      for (const dependent of dependents.get(key) ?? []) {
        const left = (waitsFor.get(dependent) ?? 0) - 1
        waitsFor.set(dependent, left)
        if (left > 0 || repeated.has(dependent.key)) continue
        unresolved.delete(dependent)
        next.push(dependent)
      }
    }
    level = next
  }
  return unresolved
}

function repeatedKeys(experiments: readonly WithPrerequisites[]): ReadonlySet<string> {
  const seen = new Set<string>()
  return new Set(experiments.flatMap(({ key }) => (seen.size === seen.add(key).size ? [key] : [])))
}
