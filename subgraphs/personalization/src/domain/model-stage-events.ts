import { type ModelStageChangedEvent, modelStageEventId } from '@bulkhead/contracts'
import type { ModelVersion } from './model-version.ts'

/**
 * The events that tell experimentation of a version's changes of stage. The same version and change always give the
 * same event id.
 * @param since how many changes were told before
 */
export function modelStageEvents(version: ModelVersion, since: number): readonly ModelStageChangedEvent[] {
  const { id, model, artefactHash } = version
  return version.stageHistory.slice(since).map(({ from, to, at }, index) => ({
    kind: 'modelStageChanged',
    eventId: modelStageEventId(id, since + index + 1),
    modelVersionId: id,
    model,
    artefactHash,
    change: since + index + 1,
    from,
    to,
    occurredAt: new Date(at).toISOString(),
  }))
}
