import type { Logger } from '@bulkhead/service/logging'
import type { Random } from '@bulkhead/service/random'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import type { PersonalizationStore } from '../datastore/port.ts'
import type { LiveLoadedModels } from '../state/loaded-models.ts'

const JITTER = 0.1
/** As the model loader logs it. */
const CHANGED = 'production model changed'

/**
 * Puts another version into production as soon as the registry says so, where its model is in memory: after a rollback it
 * is, because the version before stays there. The model loader does the same and everything else, but one run of it may take
 * as long as reading a large model does.
 */
export function createProductionSwitch(options: {
  readonly store: Pick<PersonalizationStore, 'productionModelVersion'>
  readonly models: Pick<LiveLoadedModels, 'isRead' | 'production' | 'inMemory' | 'putInProduction'>
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
      if (serving === null) return
      models.putInProduction(null)
      log.info({ modelVersionId: null }, CHANGED)
      return
    }
    if (serving?.version.id === version.id) return
    const known = models.inMemory(version.id)
    if (known === null) return
    models.putInProduction({ version, model: known.model })
    log.info({ modelVersionId: version.id }, CHANGED)
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
