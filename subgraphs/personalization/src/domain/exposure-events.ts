import { type ExposureEvent, exposureEventId } from '@bulkhead/contracts'
import type { ExposureDue, Slate } from './slate.ts'

/**
 * The exposure events of a slate's assignments whose exposure is due then: ON_SERVE with the slate itself,
 * ON_IMPRESSION when the user has seen it. The same slate and experiment always give the same event id.
 * @param occurredAt epoch milliseconds
 */
export function exposureEvents(
  slate: Slate,
  due: Exclude<ExposureDue, 'NONE'>,
  occurredAt: number,
): readonly ExposureEvent[] {
  const { snapshotVersion } = slate
  if (snapshotVersion === null) return []
  const at = new Date(occurredAt).toISOString()
  return slate.assignments
    .filter((assignment) => assignment.exposure === due)
    .map((assignment) => ({
      kind: 'exposure',
      eventId: exposureEventId(slate.id, assignment.experimentKey),
      experimentKey: assignment.experimentKey,
      experimentVersion: assignment.experimentVersion,
      variantKey: assignment.variantKey,
      unit: assignment.unit,
      surface: slate.surface,
      applied: assignment.applied,
      forced: assignment.forced,
      snapshotVersion,
      slateId: slate.id,
      modelVersionId: slate.modelVersionId,
      rung: slate.servedBy.rung,
      attributes: slate.attributes,
      occurredAt: at,
    }))
}
