import { type ModelStageChangedEvent, modelStageEventId } from '@bulkhead/contracts'
import type { ModelVersion, StageChange } from './model-version.ts'

/**
 * The events that tell experimentation of a version's changes of stage. The same version and change always give the
 * same event id.
 * @param since how many changes were told before
 */
export function modelStageEvents(version: ModelVersion, since: number): readonly ModelStageChangedEvent[] {
  const { id, model, artefactHash } = version
  return version.stageHistory.slice(since).map((change, index) => ({
    kind: 'modelStageChanged',
    eventId: modelStageEventId(id, since + index + 1),
    modelVersionId: id,
    model,
    artefactHash,
    change: since + index + 1,
    from: change.from,
    to: change.to,
    ...exitOf(change),
    occurredAt: new Date(change.at).toISOString(),
  }))
}

/**
 * What was taken out because of how it did, in production or elsewhere, is told apart from what a successor has replaced:
 * the decisions about it are revoked.
 */
function exitOf({ from, to, evidence }: StageChange): Pick<ModelStageChangedEvent, 'reason'> {
  if (to !== 'RETIRED') return {}
  if (evidence !== undefined) return { reason: 'rolled-back' }
  return from === 'PRODUCTION' ? { reason: 'replaced' } : {}
}
