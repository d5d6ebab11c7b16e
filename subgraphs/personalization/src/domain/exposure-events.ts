import { type ExposureEvent, exposureEventId, type ServedEvent, servedEventId } from '@bulkhead/contracts'
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
  const { snapshotVersion, producer } = slate
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
      ...(producer === null ? {} : { producer }),
      occurredAt: at,
    }))
}

/**
 * What a slate says when it is served: the exposures that are due with it, and of the assignments whose exposure may
 * come with an impression that their unit was served.
 * @param producer the process that serves it
 */
export function servingEvents(slate: Slate, producer: string): readonly (ExposureEvent | ServedEvent)[] {
  const { snapshotVersion, surface, servedBy, createdAt } = slate
  if (snapshotVersion === null) return []
  const served = slate.assignments
    .filter(({ exposure }) => exposure === 'ON_IMPRESSION')
    .map(
      ({ experimentKey, experimentVersion, variantKey, unit, forced }): ServedEvent => ({
        kind: 'served',
        eventId: servedEventId({ unit, experimentKey, experimentVersion, occurredAt: createdAt }),
        experimentKey,
        experimentVersion,
        variantKey,
        unit,
        surface,
        forced,
        snapshotVersion,
        rung: servedBy.rung,
        producer,
        occurredAt: new Date(createdAt).toISOString(),
      }),
    )
  return [...exposureEvents(slate, 'ON_SERVE', createdAt), ...served]
}
