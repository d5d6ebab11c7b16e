import type { BootstrapDecision, DecisionRecord, JsonObject } from '@bulkhead/contracts'
import type { ModelDecisionStore } from '../../datastore/port.ts'
import { SNAPSHOT_SUBJECT, SYSTEM } from '../../domain/audit/entry.ts'
import { listedDecisions } from '../../domain/governance/model-decisions.ts'
import { showsDecisions } from '../../domain/publishing.ts'
import type { ChangeQueue } from '../changes/change-queue.ts'
import type { SnapshotService } from '../snapshot-service.ts'
import { readModelDecisions } from './model-decisions.ts'

/**
 * Publishes a snapshot where the newest does not list the decisions that model versions need in the stages that they are
 * in now. Stages arrive with events and not through the queue of changes, so a change never does it for them. Resolves
 * once it is published, or where there is nothing to do. Rejects as `ChangeQueue.run` does.
 */
export type PublishDecisions = () => Promise<void>

export function createDecisionPublishing(options: {
  readonly store: ModelDecisionStore
  readonly changes: Pick<ChangeQueue, 'run'>
  readonly snapshots: Pick<SnapshotService, 'current'>
}): PublishDecisions {
  const { store, changes, snapshots } = options
  return async () => {
    const { snapshot } = snapshots.current()
    if (showsDecisions(snapshot, await readModelDecisions(store))) return
    const outcome = await changes.run({
      action: 'publishDecisions',
      by: SYSTEM,
      reason: 'Model versions have changed their stage.',
      urgent: false,
      needs: { experiments: [], metrics: [], decisions: { modelVersions: [] } },
      decide(state) {
        // Another replica has published since; what it lists is compared once this replica has it.
        if (state.snapshotVersion !== snapshot.version) return { type: 'unchanged' }
        if (showsDecisions(snapshot, state.decisions)) return { type: 'unchanged' }
        return {
          type: 'republished',
          subject: SNAPSHOT_SUBJECT,
          before: { decisions: snapshot.decisions.map(toFacts) },
          after: { decisions: listedDecisions(state.decisions).map(toFacts) },
        }
      },
    })
    if (outcome.type === 'refused') {
      throw new Error(`the decisions of live model versions are not published: ${outcome.refusal.type}`)
    }
  }
}

/** What tells decisions apart, for the audit log: the records themselves are in it already. */
function toFacts(record: JsonObject | DecisionRecord | BootstrapDecision): JsonObject {
  const facts: JsonObject = { ...record }
  const { experimentKey = null, modelVersionId = null, signature = null } = facts
  return { experimentKey, modelVersionId, signature }
}
