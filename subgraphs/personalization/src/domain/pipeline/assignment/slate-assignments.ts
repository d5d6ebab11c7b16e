import { type Assignment, encodeExposureContext } from '@bulkhead/contracts'
import type { ExposureDue, SlateAssignment } from '../../slate.ts'

/**
 * The included assignments as the slate keeps them.
 * @param ignored those whose payload was ignored
 * @param degraded true where the slate is not what its parameters ask for: then no assignment counts as applied
 */
export function slateAssignments(
  included: readonly Assignment[],
  ignored: ReadonlySet<Assignment>,
  degraded: boolean,
): SlateAssignment[] {
  const result: SlateAssignment[] = []
  for (const assignment of included) {
    const { experiment, variant, unit, reason } = assignment
    if (variant === null || unit === null) continue
    result.push({
      experimentKey: experiment.key,
      experimentVersion: experiment.version,
      variantKey: variant.key,
      unit,
      forced: reason === 'FORCED',
      applied: !degraded && !ignored.has(assignment),
      exposure: exposureDue(experiment),
    })
  }
  return result
}

/** A stopped experiment keeps its assignments, so that no one's experience flips, but collects no more data. */
function exposureDue({ status, trigger }: Assignment['experiment']): ExposureDue {
  if (status !== 'RUNNING') return 'NONE'
  return trigger === 'IMPRESSION' ? 'ON_IMPRESSION' : 'ON_SERVE'
}

/**
 * What the slate's key tells experimentation: the assignments that have an exposure, or may still get one.
 * @throws RangeError where there are more than a context can hold
 */
export function slateExposureContext(
  snapshotVersion: number | null,
  assignments: readonly SlateAssignment[],
): string {
  return encodeExposureContext({
    snapshotVersion,
    assignments: assignments
      .filter(({ exposure }) => exposure !== 'NONE')
      .map(({ experimentKey, experimentVersion, variantKey, unit, applied }) => ({
        experimentKey,
        experimentVersion,
        variantKey,
        unit,
        applied,
      })),
  })
}
