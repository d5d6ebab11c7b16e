import type { Logger } from '@bulkhead/service/logging'
import type { Random } from '@bulkhead/service/random'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import type { PersonalizationStore } from '../datastore/port.ts'
import type { LiveLoadedModels } from '../state/loaded-models.ts'

const JITTER = 0.1

/**
 * Puts another version into production as soon as the registry says so, where its model is in memory: after a rollback it
 * is, because the version before stays there. The model loader does the same and everything else, but one run of it may take
 * as long as reading a large model does.
 */
export function createProductionSwitch(options: {
  readonly store: Pick<PersonalizationStore, 'productionModelVersion'>
  readonly models: Pick<
    LiveLoadedModels,
    'isRead' | 'production' | 'previous' | 'byVersionId' | 'putInProduction'
  >
  readonly intervalMs: number
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
}): Worker {
  const { store, models, log } = options

  async function run(): Promise<void> {
    if (!models.isRead()) return
    const version = await store.productionModelVersion()
    const serving = models.production()
    if (version === null) {
      if (serving !== null) models.putInProduction(null)
      return
    }
    if (serving?.version.id === version.id) return
    const previous = models.previous()
    const known = previous?.version.id === version.id ? previous : models.byVersionId(version.id)
    if (known === null) return
    models.putInProduction({ version, model: known.model })
    log.info({ modelVersionId: version.id }, 'another version is in production, from memory')
  }

  return createPeriodicWorker({
    name: 'production-switch',
    intervalMs: options.intervalMs,
    jitter: JITTER,
    run,
    log,
    random: options.random,
  })
}
