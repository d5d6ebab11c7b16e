import { withDeadline } from '@bulkhead/service/deadline'
import type { ReadinessReport } from '@bulkhead/service/http-server'
import type { PersonalizationStore } from '../datastore/port.ts'
import type { LoadedModels } from '../domain/pipeline/query.ts'
import type { ServingIndex } from '../state/serving-index.ts'
import type { SnapshotHolder } from '../state/snapshot-holder.ts'

/** Shorter than the deadline of `/readyz` itself, so that the answer can say that the datastore hangs. */
const PING_DEADLINE_MS = 1_000

/**
 * What `/readyz` says. Ready once the catalogue is in memory, and the models that should serve, as far as there are any:
 * from then on slates are served even if the datastore or experimentation is unreachable. A lost datastore is reported,
 * but the replica stays ready, because all replicas would leave the rotation at once.
 */
export function createReadiness(options: {
  readonly store: Pick<PersonalizationStore, 'ping'>
  readonly index: Pick<ServingIndex, 'ready' | 'size'>
  readonly snapshots: Pick<SnapshotHolder, 'current'>
  readonly models: Pick<LoadedModels, 'production' | 'previous'> & { isRead(): boolean }
}): () => Promise<ReadinessReport> {
  const { store, index, snapshots, models } = options
  return async () => {
    const answers = await pings(store)
    const indexed = index.ready()
    const ready = indexed && models.isRead()
    const snapshot = snapshots.current()
    const model = models.production()
    return {
      ready,
      checks: {
        servingIndex: { ok: indexed, detail: indexed ? `${index.size()} items` : 'not loaded yet' },
        datastore: { ok: answers, ...(answers ? {} : { detail: 'does not answer; serving unassigned' }) },
        snapshot: { ok: snapshot !== null, detail: `snapshotVersion ${snapshot?.version ?? 'none'}` },
        model: { ok: model !== null, detail: model?.version.id ?? withoutModel(models) },
      },
    }
  }
}

function withoutModel(models: Pick<LoadedModels, 'previous'> & { isRead(): boolean }): string {
  if (!models.isRead()) return 'not loaded yet'
  const previous = models.previous()
  return previous === null ? 'none; serving what is popular' : `none; ${previous.version.id} stands in`
}

function pings(store: Pick<PersonalizationStore, 'ping'>): Promise<boolean> {
  const ping = store.ping().then(
    () => true,
    () => false,
  )
  return withDeadline(ping, PING_DEADLINE_MS, () => false)
}
