import type { Experiment } from '../experiment.ts'
import { nextRevision } from '../lifecycle.ts'

/**
 * The experiment without its forced variants of these units, in whatever status it is: nobody has to review again what is
 * left out of it. Null where it forces none of them.
 */
export function withoutForced(experiment: Experiment, units: ReadonlySet<string>): Experiment | null {
  const forced = experiment.forced.filter(({ unit }) => !units.has(unit))
  return forced.length === experiment.forced.length ? null : nextRevision({ ...experiment, forced })
}
